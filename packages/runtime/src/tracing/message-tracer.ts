/** What a service tells of its messages, so that their way can be traced. */
import type { TraceHeaders } from './trace-headers.ts';

export interface DeliveryFacts {
  readonly queue: string;
  /** 1 for the first delivery. */
  readonly attempt: number;
  /** Of the message. */
  readonly headers: ReadonlyMap<string, string>;
}

/** `requeued` counts as a failure, `returned` does not. */
export type DeliveryOutcome = 'acknowledged' | 'requeued' | 'returned' | 'dead-lettered';

export interface MessageTracer {
  /**
   * Runs `publish`, which gets the headers that messages without a context of their own are to carry. `problem` names
   * what became of a message that was not confirmed.
   */
  publishing<T>(
    destination: string,
    count: number,
    publish: (headers: TraceHeaders) => Promise<T>,
    problem: (result: T) => string | undefined,
  ): Promise<T>;
  /** A message was taken from its queue; what this returns is called once, when it is settled. */
  delivering(facts: DeliveryFacts): (outcome: DeliveryOutcome) => void;
}
