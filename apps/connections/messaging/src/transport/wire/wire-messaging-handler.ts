/** The wire contract's Messaging service: maps messages, and nothing else. */
import type { Handlers } from '@connections/grpc';
import type { wireMessagingService } from '@connections/proto-utils';
import { boundQueues } from '../../domain/wire-topology.ts';
import type { OneWayStreams } from '../../service/one-way-streams.ts';
import type { WireService } from '../../service/wire-service.ts';
import { schemaSource, validationSource } from './wire-source.ts';

export function createWireMessagingHandler(
  wire: WireService,
  streams: OneWayStreams,
): Handlers<typeof wireMessagingService> {
  const { topology } = wire;
  const schemas = schemaSource(topology.schemas.queue);
  const validations = validationSource(topology.validations.queue);
  return {
    async getMessagingParams(_, { peer }) {
      const { exchange, type } = topology;
      const queues = boundQueues(topology).map((queue) => ({ ...queue, durable: true }));
      return { ...wire.brokerAddress(peer), exchange: { exchange, type, durable: true, queues } };
    },

    async getRoutingKeySchemas({ results }) {
      return { routingKey: (results ? topology.schemaResults : topology.schemas).routingKey };
    },

    async getRoutingKeyValidations({ results }) {
      return { routingKey: (results ? topology.validationResults : topology.validations).routingKey };
    },

    streamSchemaMessages: (_, call) => streams.stream(schemas, call),

    streamValidationMessages: (_, call) => streams.stream(validations, call),
  };
}
