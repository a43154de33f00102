/** One try of a feed to follow its server: each step is bounded, and all end at once when the reader leaves. */
import { setMaxListeners } from 'node:events';
import { limits } from '@connections/runtime';

/** The server did not answer a step in time. */
export class StepTimeout extends Error {
  constructor(ms: number) {
    super(`no answer in ${ms} ms`);
    this.name = 'StepTimeout';
  }
}

export class FeedAttempt implements Disposable {
  readonly #controller = new AbortController();
  readonly #leaving: readonly AbortSignal[];
  readonly #leave: (event: Event) => void;

  constructor(...leaving: readonly AbortSignal[]) {
    this.#leaving = leaving;
    // Many feeds may follow one link, and every operation of the driver listens to its signal.
    setMaxListeners(0, this.signal, ...leaving);
    this.#leave = ({ target }) => this.#controller.abort((target as AbortSignal).reason);
    for (const signal of leaving) {
      if (signal.aborted) this.#controller.abort(signal.reason);
      signal.addEventListener('abort', this.#leave);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Rejects when the reader leaves, or after the time of a call, whatever becomes of the step. */
  async bounded<T>(step: Promise<T>): Promise<T> {
    const ms = limits.storeCallMs;
    const timer = setTimeout(() => this.#controller.abort(new StepTimeout(ms)), ms);
    try {
      return await this.unlessLeft(step);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects when the reader leaves, whatever becomes of the step. */
  async unlessLeft<T>(step: Promise<T>): Promise<T> {
    const { signal } = this;
    let abort = () => {};
    const left = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
    try {
      return await Promise.race([left, step]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  [Symbol.dispose](): void {
    for (const signal of this.#leaving) signal.removeEventListener('abort', this.#leave);
    this.#controller.abort(new Error('the attempt is over'));
  }
}
