/** Waits that are given up after a time. */
import { type Clock, Limited, TimeLimits } from '@connections/runtime';

const tickMs = 5;

export class LimitedWaits {
  readonly #limits: TimeLimits;

  constructor(clock: Clock) {
    this.#limits = new TimeLimits(clock, tickMs);
  }

  /** What the work resolves with; undefined when that takes longer than `ms`. The work goes on. Rejects as the work does. */
  atMost<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const wait = new Wait(resolve);
      this.#limits.open(wait, ms);
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
}

class Wait extends Limited {
  readonly #giveUp: (late: undefined) => void;

  constructor(giveUp: (late: undefined) => void) {
    super();
    this.#giveUp = giveUp;
  }

  override over(): void {
    this.#giveUp(undefined);
  }
}
