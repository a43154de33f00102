/** Counts what was with consumers when the process was killed as a failure of those messages. */
import type { EmbeddedStore } from '@connections/embedded-store';
import { bury, deliveryLimitReason, isSpent } from './dead-letter.ts';
import type { QueueState } from './queue-state.ts';

/**
 * Before the first delivery. A message that takes the process down with it each time thereby reaches the dead letters
 * at its queue's limit. Costs as much as was being delivered, whatever the queues hold; nothing after a clean close.
 */
export async function recoverDeliveries(
  store: EmbeddedStore,
  queues: readonly QueueState[],
  now: number,
): Promise<void> {
  const lost = queues.map((queue) => ({ queue, sequences: [...queue.records.openDeliveries()] }));
  if (lost.every(({ sequences }) => sequences.length === 0)) return;
  await store.write(
    () => {
      for (const { queue, sequences } of lost) {
        for (const sequence of sequences) recoverDelivery(queue, sequence, now);
      }
    },
    { frees: true },
  );
}

function recoverDelivery(queue: QueueState, sequence: number, now: number): void {
  const failures = queue.records.failures(sequence) + 1;
  if (isSpent(failures, queue)) {
    bury(queue, sequence, queue.deadLetters?.reserve(), { reason: deliveryLimitReason, at: now });
    queue.release(1);
  } else {
    queue.records.putFailures(sequence, failures);
    queue.records.closeDelivery(sequence);
  }
}
