/** The broker port as clients of v1 have it, so that its clauses run through the wire. */

import { type Channel, createClient } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import {
  PublishResponse_Outcome as Outcome,
  type PublishResponse_Result as Result,
} from '@connections/proto-utils/v1/messaging';
import { abortSignalOf } from '@connections/runtime';
import type { Broker, BrokerCapabilities, PublishOutcome } from '../src/port/broker.ts';
import { DeliveryNames, WireSubscription } from './wire-subscription.ts';

export function wireBroker(channel: Channel, capabilities: BrokerCapabilities): Broker {
  const client = createClient(messagingService, channel);
  const names = new DeliveryNames();
  return {
    capabilities,
    async declare(namespace, { exchanges, queues, bindings }, signal) {
      const named = queues.map((queue) => ({ ...queue, deadLetterQueue: queue.deadLetterQueue ?? '' }));
      await client.declareTopology(
        { namespace, topology: { exchanges, queues: named, bindings } },
        { signal: abortSignalOf(signal) },
      );
    },
    async topology(namespace, signal) {
      const { topology } = await client.getTopology({ namespace }, { signal: abortSignalOf(signal) });
      const { exchanges = [], queues = [], bindings = [] } = topology ?? {};
      return {
        exchanges: exchanges.map(({ name }) => ({ name, type: 'topic' })),
        queues: queues.map((queue) => ({ ...queue, deadLetterQueue: queue.deadLetterQueue || undefined })),
        bindings,
      };
    },
    async statistics(namespace, signal) {
      const { statistics } = await client.getTopology({ namespace }, { signal: abortSignalOf(signal) });
      return statistics.map(({ queue, ready, unsettled, consumers }) => {
        return { queue, ready: Number(ready), unsettled: Number(unsettled), consumers };
      });
    },
    async publish(namespace, { exchange, routingKey }, messages, signal) {
      const given = messages.map(({ id, body, contentType, headers, subject }) => {
        return { id, body, contentType, headers: new Map(headers), subject };
      });
      const request = { namespace, exchange, routingKey, messages: given };
      return (await client.publish(request, { signal: abortSignalOf(signal) })).results.map(toOutcome);
    },
    subscribe: (namespace, { queue, prefetch }) =>
      WireSubscription.open(client, { namespace, queue, prefetch, names }),
    async ping(signal) {
      await client.getTopology({}, { signal: abortSignalOf(signal) });
    },
    [Symbol.asyncDispose]: async () => channel.close(),
  };
}

function toOutcome({ outcome, reason }: Result): PublishOutcome {
  switch (outcome) {
    case Outcome.OUTCOME_CONFIRMED:
      return { outcome: 'CONFIRMED' };
    case Outcome.OUTCOME_UNROUTABLE:
      return { outcome: 'UNROUTABLE' };
    case Outcome.OUTCOME_REJECTED:
      return { outcome: 'REJECTED', reason };
    default:
      return { outcome: 'UNKNOWN', reason };
  }
}
