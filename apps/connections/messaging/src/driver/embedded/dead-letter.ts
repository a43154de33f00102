/** What becomes of a message that is not to be delivered again. */
import type { QueueState } from './queue-state.ts';

export interface Death {
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The reason of a message that failed as often as its queue lets it. */
export const deliveryLimitReason = 'delivery_limit';

/** A limit of 0 is none. */
export function isSpent(failures: number, { properties }: QueueState): boolean {
  return properties.deliveryLimit > 0 && failures >= properties.deliveryLimit;
}

/**
 * Inside a write: the message leaves its queue and stands in the dead-letter queue at `place`, which was reserved
 * there, in one transaction, so that it is in one of the two whatever happens.
 */
export function bury(queue: QueueState, sequence: number, place: number | undefined, death: Death): void {
  const { records, deadLetters } = queue;
  const message = records.message(sequence);
  records.removeMessage(sequence);
  if (!message || !deadLetters || place === undefined) return;
  const headers = new Map(message.headers)
    .set('x-death-reason', death.reason)
    .set('x-death-queue', queue.name)
    .set('x-death-time', new Date(death.at).toISOString());
  deadLetters.records.putMessage(place, { ...message, headers });
}
