/** How deep the queues are, for the metrics: a bounded number of them, for callers choose their names. */
import type { Clock, Metrics } from '@connections/runtime';
import type { Broker, QueueStatistics } from '../port/broker.ts';
import { overdue, within } from './deadline.ts';

/** Queues that have series of their own. */
const maxQueues = 100;
const rest = 'other';
/** What a scrape waits for a broker that does not answer. */
const patienceMs = 2_000;
const never = new AbortController().signal;

/** Of the default namespace: a broker does not tell which others there are. */
export function collectQueues(metrics: Metrics, broker: Pick<Broker, 'statistics'>, clock: Clock): void {
  metrics.collect(async (report) => {
    const rows = await within(clock, patienceMs, never, (signal) => broker.statistics('default', signal));
    if (rows === overdue) return;
    for (const { queue, ready, unsettled, consumers } of deepest(rows)) {
      report('queueMessages', { queue, state: 'ready' }, ready);
      report('queueMessages', { queue, state: 'unsettled' }, unsettled);
      report('queueConsumers', { queue }, consumers);
    }
  });
}

/** The deepest, and one row with the sum of the others. A queue that is called as that row is always in it. */
export function deepest(rows: readonly QueueStatistics[]): readonly QueueStatistics[] {
  const sorted = rows
    .filter(({ queue }) => queue !== rest)
    .sort((a, b) => b.ready + b.unsettled - a.ready - a.unsettled);
  const others = [...sorted.slice(maxQueues), ...rows.filter(({ queue }) => queue === rest)];
  return others.length === 0 ? sorted : [...sorted.slice(0, maxQueues), summed(others)];
}

function summed(rows: readonly QueueStatistics[]): QueueStatistics {
  const sum = (of: (row: QueueStatistics) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    queue: rest,
    ready: sum(({ ready }) => ready),
    unsettled: sum(({ unsettled }) => unsettled),
    consumers: sum(({ consumers }) => consumers),
  };
}
