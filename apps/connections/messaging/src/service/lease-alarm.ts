/** Rings when the next lease may have ended; never late, and sometimes for a lease that was settled or extended. */
import type { Clock } from '@connections/runtime';

export class LeaseAlarm implements Disposable {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #timer: Disposable | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time at the latest. */
  watch(at: number | undefined): void {
    if (at === undefined || at >= this.#at) return;
    this[Symbol.dispose]();
    this.#at = at;
    this.#timer = this.#clock.after(at - this.#clock.now(), () => {
      this.#at = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#at = Number.POSITIVE_INFINITY;
  }
}
