/** A write that waits to be sent, or for what becomes of it. Its own signal ends its own wait. */

import { setMaxListeners } from 'node:events';
import { taskKey } from '../../domain/task-key.ts';
import type { TaskRef } from '../../port/tasks.ts';
import { GivenUpError } from './mongo-errors.ts';
import type { TaskUpdate } from './task-pipeline.ts';

/** An update with about the bytes of its texts. */
export interface SizedUpdate extends TaskUpdate {
  readonly bytes: number;
}

export class PendingCommit {
  readonly ref: TaskRef;
  /** Of its task. */
  readonly key: string;
  /** Undefined for what does not go together with others. */
  readonly update: SizedUpdate | undefined;
  /** Rejects with a GivenUpError when the signal aborts before it was begun, with the signal's reason afterwards. */
  readonly answer: Promise<unknown>;
  readonly #alone: () => Promise<unknown>;
  readonly #signal: AbortSignal;
  #resolve: (answer: unknown) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #left: ((reason: unknown) => void) | undefined;
  #over = false;

  constructor(
    ref: TaskRef,
    update: SizedUpdate | undefined,
    alone: () => Promise<unknown>,
    signal: AbortSignal,
  ) {
    this.ref = ref;
    this.key = taskKey(ref);
    this.update = update;
    this.#alone = alone;
    this.#signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A caller may share one signal among many calls.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', this.#leave, { once: true });
  }

  /** Nobody waits for it. */
  get isOver(): boolean {
    return this.#over;
  }

  /** It is sent in one message with others; `left` is told when its caller has gone. */
  beginTogether(left: (reason: unknown) => void): void {
    this.#left = left;
  }

  /** Resolves when that is done. It obeys the signal by itself. */
  async goAlone(): Promise<void> {
    this.#end();
    await this.#alone().then(this.#resolve, this.#reject);
  }

  settle(answer: unknown): void {
    this.#end();
    this.#resolve(answer);
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#over = true;
    this.#signal.removeEventListener('abort', this.#leave);
  }

  readonly #leave = (): void => {
    const { reason } = this.#signal;
    this.fail(this.#left ? reason : new GivenUpError(reason));
    this.#left?.(reason);
  };
}
