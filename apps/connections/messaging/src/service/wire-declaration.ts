/** Declares the topology of the wire contract at the start, and goes on trying where the broker is away or refuses it. */
import type { Clock, Ending } from '@connections/runtime';
import { overdue, within } from './deadline.ts';

/** What one attempt may take. */
const attemptMs = 10_000;
const retryMs = 1_000;

export class WireDeclaration implements Disposable {
  /** Resolves after the first attempt, with what it failed for. */
  readonly tried: Promise<unknown>;
  readonly #declare: (signal: Ending) => Promise<void>;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #retry: Disposable | undefined;
  #failure: unknown;

  constructor(declare: (signal: Ending) => Promise<void>, clock: Clock) {
    this.#declare = declare;
    this.#clock = clock;
    this.tried = this.#try().then(() => this.#failure);
  }

  /** Undefined when it stands. */
  get concern(): string | undefined {
    if (this.#failure === undefined) return undefined;
    const { message, cause } = this.#failure as Error;
    const words = cause instanceof Error ? `${message} (${cause.message})` : message;
    return `the queues of the wire contract are not declared, which is tried again: ${words}`;
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('closed'));
    this.#retry?.[Symbol.dispose]();
  }

  async #try(): Promise<void> {
    const { signal } = this.#closing;
    try {
      const declared = await within(this.#clock, attemptMs, signal, this.#declare);
      this.#failure = declared === overdue ? new Error('the broker did not answer in time') : undefined;
    } catch (error) {
      this.#failure = error;
    }
    if (this.#failure === undefined || signal.aborted) return;
    this.#retry = this.#clock.after(retryMs, () => void this.#try());
  }
}
