/** Looks at a process's memory now and then: a heap comes and goes, so that only peaks tell whether it grows. */
import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 250;

/** The most that it took in the first and in the second half of the time. */
export type Peaks = readonly [number, number];

export class MemoryWatch implements AsyncDisposable {
  readonly #samples: number[] = [];
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;

  /** `read` may fail: the process may be frozen, or not there. */
  constructor(read: () => Promise<number>) {
    this.#watching = this.#watch(read);
  }

  /** Until now. */
  get peaks(): Peaks {
    const half = Math.ceil(this.#samples.length / 2);
    return [Math.max(...this.#samples.slice(0, half)), Math.max(...this.#samples.slice(half))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }

  async #watch(read: () => Promise<number>): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await read().then(
        (size) => this.#samples.push(size),
        () => {},
      );
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  }
}
