/** How often a peer may do what costs it less than us. */
import type { Clock } from './connection-options.ts';

export interface AllowanceOptions {
  readonly burst: number;
  readonly perSecond: number;
  readonly clock: Clock;
}

/** Filled by the time that passes, which is looked at only when it is empty, and by what is earned; never beyond its burst. */
export class Allowance {
  readonly #options: AllowanceOptions;
  #left: number;
  #filledAt: number;

  constructor(options: AllowanceOptions) {
    this.#options = options;
    this.#left = options.burst;
    this.#filledAt = options.clock.now();
  }

  /** False when there is no more. */
  spend(count: number): boolean {
    this.#left -= count;
    return this.#left >= 0 || this.#fill();
  }

  earn(count: number): void {
    const { burst } = this.#options;
    this.#left = this.#left + count > burst ? burst : this.#left + count;
  }

  #fill(): boolean {
    const { clock, perSecond } = this.#options;
    const now = clock.now();
    this.earn(((now - this.#filledAt) * perSecond) / 1_000);
    this.#filledAt = now;
    return this.#left >= 0;
  }
}
