/** Messaging over v1: maps messages, and nothing else. */
import type { Handlers } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  PublishResponse_Outcome as Outcome,
  type PublishResponse_Result,
} from '@connections/proto-utils/v1/messaging';
import { receivedTraceHeaders } from '@connections/runtime';
import type { PublishResult, PublishService } from '../../service/publish-service.ts';
import type { SubscribeService } from '../../service/subscribe-service.ts';
import type { TopologyService } from '../../service/topology-service.ts';
import { subscribeRequests, subscribeResponse } from './subscribe-messages.ts';
import { statisticsMessage, topologyMessage } from './topology-messages.ts';

export interface MessagingServices {
  readonly topologies: TopologyService;
  readonly publishing: PublishService;
  readonly subscriptions: SubscribeService;
}

const outcomes = {
  CONFIRMED: Outcome.OUTCOME_CONFIRMED,
  UNROUTABLE: Outcome.OUTCOME_UNROUTABLE,
  REJECTED: Outcome.OUTCOME_REJECTED,
  UNKNOWN: Outcome.OUTCOME_UNKNOWN,
} as const;

export function createMessagingHandler(services: MessagingServices): Handlers<typeof messagingService> {
  const { topologies, publishing, subscriptions } = services;
  return {
    async declareTopology({ namespace, topology, requestId }, call) {
      const wanted = topology ?? { exchanges: [], queues: [], bindings: [] };
      const declared = await topologies.declare(namespace, wanted, call.ending, requestId || undefined);
      return { topology: topologyMessage(declared) };
    },

    async getTopology({ namespace }, call) {
      const { topology, statistics } = await topologies.describe(namespace, call.ending);
      return { topology: topologyMessage(topology), statistics: statistics.map(statisticsMessage) };
    },

    async publish({ requestId, ...publication }, call) {
      const results = await publishing.publish(
        { ...publication, requestId: requestId || undefined, trace: receivedTraceHeaders(call.metadata) },
        call.ending,
      );
      return { results: results.map(resultMessage) };
    },

    async *subscribe(requests, call) {
      const frames = subscriptions.subscribe(subscribeRequests(requests), call);
      for await (const frame of frames) yield subscribeResponse(frame);
    },
  };
}

function resultMessage({ id, outcome }: PublishResult): PublishResponse_Result {
  return {
    id,
    outcome: outcomes[outcome.outcome],
    reason: 'reason' in outcome ? outcome.reason : '',
  };
}
