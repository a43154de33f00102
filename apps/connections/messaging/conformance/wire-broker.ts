/** The broker port as clients of v1 have it, so that its clauses run through the wire. */
import { type Channel, createClient } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import {
  PublishResponse_Outcome as Outcome,
  type PublishResponse_Result as Result,
} from '@connections/proto-utils/v1/messaging';
import type { Broker, BrokerCapabilities, PublishOutcome, Topology } from '../src/port/broker.ts';
import { WireSubscription } from './wire-subscription.ts';

export function wireBroker(channel: Channel, capabilities: BrokerCapabilities): Broker {
  const client = createClient(messagingService, channel);
  return {
    capabilities,
    async declare(namespace, { exchanges, queues, bindings }, signal) {
      const named = queues.map((queue) => ({ ...queue, deadLetterQueue: queue.deadLetterQueue ?? '' }));
      await client.declareTopology(
        { namespace, topology: { exchanges, queues: named, bindings } },
        { signal },
      );
    },
    async topology(namespace, signal): Promise<Topology> {
      const { topology } = await client.getTopology({ namespace }, { signal });
      return {
        exchanges: (topology?.exchanges ?? []).map(({ name }) => ({ name, type: 'topic' })),
        queues: (topology?.queues ?? []).map((queue) => ({
          ...queue,
          deadLetterQueue: queue.deadLetterQueue || undefined,
        })),
        bindings: topology?.bindings ?? [],
      };
    },
    async statistics(namespace, signal) {
      const { statistics } = await client.getTopology({ namespace }, { signal });
      return statistics.map((row) => ({
        ...row,
        ready: Number(row.ready),
        unsettled: Number(row.unsettled),
      }));
    },
    async publish(namespace, target, messages, signal) {
      const request = {
        namespace,
        ...target,
        messages: messages.map(({ publishedAt: _, headers, ...message }) => ({
          ...message,
          headers: new Map(headers),
        })),
      };
      return (await client.publish(request, { signal })).results.map(outcomeOf);
    },
    subscribe: (namespace, request) => WireSubscription.open(client, namespace, request),
    async ping(signal) {
      await client.getTopology({}, { signal });
    },
    [Symbol.asyncDispose]: async () => channel.close(),
  };
}

function outcomeOf({ outcome, reason }: Result): PublishOutcome {
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
