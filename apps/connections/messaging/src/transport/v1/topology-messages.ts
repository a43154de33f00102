/** A topology and its figures as v1 messages. */
import type {
  QueueStatistics as StatisticsMessage,
  Topology as TopologyMessage,
} from '@connections/proto-utils/v1/messaging';
import type { QueueStatistics, Topology } from '../../port/broker.ts';

export function topologyMessage({ exchanges, queues, bindings }: Topology): TopologyMessage {
  return {
    exchanges: [...exchanges],
    queues: queues.map((queue) => ({ ...queue, deadLetterQueue: queue.deadLetterQueue ?? '' })),
    bindings: [...bindings],
  };
}

export function statisticsMessage({
  queue,
  ready,
  unsettled,
  consumers,
}: QueueStatistics): StatisticsMessage {
  return { queue, ready: BigInt(ready), unsettled: BigInt(unsettled), consumers };
}
