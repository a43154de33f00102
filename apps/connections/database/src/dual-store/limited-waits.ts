/** Waits that are given up after a time, by one timer for all of them: one for each costs more than the rest of a wait. */
import { type Clock, OpenItem, OpenList } from '@connections/runtime';

/** Twice as late a wait may end. */
const tickMs = 5;
/** What one tick counts at most: neither a clock that is set nor an event loop that was held is laid to a store's charge. */
const mostOfTickMs = 5 * tickMs;

class Wait extends OpenItem {
  /** In the time that ticks count. */
  readonly untilMs: number;
  readonly giveUp: (late: undefined) => void;

  constructor(untilMs: number, giveUp: (late: undefined) => void) {
    super();
    this.untilMs = untilMs;
    this.giveUp = giveUp;
  }
}

export class LimitedWaits {
  readonly #clock: Clock;
  readonly #open = new OpenList<Wait>();
  /** By the ticks so far. */
  #countedMs = 0;
  #ticking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the work resolves with; undefined when that takes longer than `ms`. The work goes on. Rejects as the work does. */
  atMost<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      if (!this.#ticking) this.#nextTick();
      // The tick under way does not count: it may have been for long.
      const wait = new Wait(this.#countedMs + tickMs + ms, resolve);
      this.#open.open(wait);
      work.then(
        (result) => {
          wait.close();
          resolve(result);
        },
        (error) => {
          wait.close();
          reject(error);
        },
      );
    });
  }

  #nextTick(): void {
    this.#ticking = true;
    const since = this.#clock.now();
    this.#clock.after(tickMs, () => {
      const ms = this.#clock.now() - since;
      this.#countedMs += Math.min(Math.max(ms, 0), mostOfTickMs);
      for (const wait of this.#open) {
        if (this.#countedMs < wait.untilMs) continue;
        wait.close();
        wait.giveUp(undefined);
      }
      this.#ticking = false;
      if (!this.#open.isEmpty) this.#nextTick();
    });
  }
}
