/** The port for what is in dead-letter queues: looked at, sent back and removed. No driver declares it yet. */
import type { Message } from './broker.ts';

export interface DeadLetter {
  /** Names it in its dead-letter queue as long as it is there. */
  readonly id: string;
  readonly message: Message;
  /** The queue that it died in. */
  readonly queue: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly diedAt: number;
}

/** Named by the queue that the letters died in. NOT_FOUND for an unknown queue; for the rest as the broker port. */
export interface DeadLetters {
  /** The oldest that come after `after`, at most `limit`. They stay, and may be delivered to consumers meanwhile. */
  list(
    namespace: string,
    queue: string,
    page: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly DeadLetter[]>;
  /**
   * Puts a letter back into the queue that it died in, as attempt 1. False when it is not there any more. After a failure
   * it may be in both queues, never in none.
   */
  requeue(namespace: string, queue: string, id: string, signal: AbortSignal): Promise<boolean>;
  /** Resolves with how many were removed. */
  purge(namespace: string, queue: string, signal: AbortSignal): Promise<number>;
}
