/** Puts the messages of one publication into every queue they are routed to. */

import type { EmbeddedStore } from '@connections/embedded-store';
import type { Ending } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import type { PublishOutcome } from '../../port/broker.ts';
import type { StoredMessage } from './broker-records.ts';
import type { QueueState } from './queue-state.ts';

interface Place {
  readonly queue: QueueState;
  readonly sequence: number;
}

interface Placed {
  readonly message: StoredMessage;
  readonly places: readonly Place[];
}

type Outcome = PublishOutcome | Placed;

/**
 * One transaction for all of them. Each message is in all of the queues or in none: one full queue refuses it. Two
 * messages with the same id are two messages: a publisher that repeats itself is delivered twice.
 */
export async function placeMessages(
  store: EmbeddedStore,
  queues: readonly QueueState[],
  messages: readonly StoredMessage[],
  signal: Ending,
): Promise<readonly PublishOutcome[]> {
  const outcomes = messages.map((message) => reserve(queues, message));
  const placed = outcomes.filter(isPlaced);
  if (placed.length === 0) return outcomes.map((outcome) => settled(outcome, confirmed));
  try {
    await store.write(() => placed.forEach(write), { signal });
  } catch (error) {
    for (const queue of queues) queue.release(placed.length);
    if (!hasReason(error, 'STORE_FULL')) throw error;
    const refused: PublishOutcome = { outcome: 'REJECTED', reason: error.message };
    return outcomes.map((outcome) => settled(outcome, refused));
  }
  for (const queue of queues) queue.serve();
  return outcomes.map((outcome) => settled(outcome, confirmed));
}

const confirmed: PublishOutcome = { outcome: 'CONFIRMED' };

function reserve(queues: readonly QueueState[], message: StoredMessage): Outcome {
  const full = queues.find((queue) => queue.isFull);
  if (full) return { outcome: 'REJECTED', reason: `queue ${full.name} is full` };
  return { message, places: queues.map((queue) => ({ queue, sequence: queue.reserve() })) };
}

function write({ message, places }: Placed): void {
  for (const { queue, sequence } of places) queue.records.putMessage(sequence, message);
}

function isPlaced(outcome: Outcome): outcome is Placed {
  return 'places' in outcome;
}

function settled(outcome: Outcome, ofPlaced: PublishOutcome): PublishOutcome {
  return isPlaced(outcome) ? ofPlaced : outcome;
}
