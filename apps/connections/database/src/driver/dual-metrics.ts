/** What an operator watches of tasks on two stores, as metrics. */
import type { Clock, Metrics } from '@connections/runtime';
import type { DualEvent } from '../dual-store/dual-stores.ts';
import type { DualTasks } from '../dual-store/dual-tasks.ts';

const counterOf = {
  filled: 'viewFills',
  'lease-waited': 'viewLeaseWaits',
  buffered: 'bufferedWrites',
  drained: 'buffersDrained',
  conflict: 'taskConflicts',
  'drain-failed': 'buffersNotDrained',
  'tail-interrupted': 'viewInterruptions',
  'checkpoint-moved': 'viewCheckpointsMoved',
  'history-lost': 'viewHistoryLost',
  unsafe: 'viewUnsafe',
} as const satisfies Partial<Record<DualEvent, Parameters<Metrics['counter']>[0]>>;

/** Every one of them is exported from the start: what never happened is 0. */
export function dualCounters(metrics: Metrics): (event: DualEvent) => void {
  const counters = new Map<DualEvent, ReturnType<Metrics['counter']>>();
  for (const [event, key] of Object.entries(counterOf) as Counted[]) {
    counters.set(event, metrics.counter(key, {}));
  }
  return (event) => counters.get(event)?.add();
}

type Counted = [event: keyof typeof counterOf, key: (typeof counterOf)[keyof typeof counterOf]];

export function collectDual(metrics: Metrics, tasks: DualTasks, clock: Clock): void {
  metrics.collect((report) => {
    const now = clock.now();
    const { count, bytes, oldestAt = now } = tasks.waiting;
    report('bufferedTasks', {}, count);
    report('taskBufferBytes', {}, bytes);
    report('taskBufferAge', {}, secondsSince(oldestAt, now));
    for (const { ageMs, samples, divergences } of tasks.samples) {
      const age = `${ageMs / 1_000}s`;
      report('viewSamples', { age }, samples);
      report('viewDivergences', { age }, divergences);
    }
    if (tasks.currentAt !== undefined) report('viewLag', {}, secondsSince(tasks.currentAt, now));
  });
}

/** The time may be another clock's. */
function secondsSince(at: number, now: number): number {
  return Math.max(0, now - at) / 1_000;
}
