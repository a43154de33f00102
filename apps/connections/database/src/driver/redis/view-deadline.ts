/** A time limit on ours, told to a server in its own time: over there it has passed no later than here. */
import type { ClockSample } from './server-facts.ts';

/** A clock that was set back by more than this since it was looked at is noticed. */
const toleranceMs = 20;

export interface ServerTimes {
  readonly notBefore: number;
  readonly notAfter: number;
}

export class ViewDeadline {
  readonly #startedAt = performance.now();
  readonly #withinMs: number;

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  get leftMs(): number {
    return this.#startedAt + this.#withinMs - performance.now();
  }

  /**
   * What a server said was true when it said so, and we heard it later: its time is at least so much ahead. A server whose
   * time is before the first of the two is another, or was set back: the sample says nothing of it.
   */
  at({ serverMs, heardAt }: ClockSample): ServerTimes {
    const notAfter = serverMs + (this.#startedAt - heardAt) + this.#withinMs;
    return { notBefore: notAfter - this.#withinMs - toleranceMs, notAfter };
  }
}
