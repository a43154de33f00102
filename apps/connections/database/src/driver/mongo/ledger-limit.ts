/** The time of one write of the ledger: it is given up by itself, and whoever waits longer knows that it never happens. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { failure } from '@connections/runtime/errors';
import type { TaskCommit } from './task-pipeline.ts';

/** The server counts whole milliseconds, and its clock is not ours. */
const graceMs = 20;

export class LedgerLimit implements Disposable {
  /** For the pipelines of the write: in the server's time. */
  readonly deadline: TaskCommit['deadline'];
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #over: number;

  /** `deadline`: the server's time, `withinMs` from now. */
  constructor(deadline: number, withinMs: number, caller: AbortSignal) {
    this.deadline = deadline;
    this.#over = performance.now() + withinMs + graceMs;
    this.#caller = caller;
    setMaxListeners(0, caller, this.signal);
    if (caller.aborted) this.#leave();
    caller.addEventListener('abort', this.#leave);
    const timeout = () => this.#controller.abort(failure('STORE_TIMEOUT', { store: 'task', ms: withinMs }));
    this.#timer = setTimeout(timeout, withinMs);
  }

  /** Aborts with the caller's, or when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when the server does nothing of the write any more. Rejects with the reason of a caller who leaves. */
  async passed(): Promise<void> {
    const left = this.#over - performance.now();
    await delay(Math.max(0, left), undefined, { signal: this.#caller }).catch(() => {});
    this.#caller.throwIfAborted();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#leave);
  }

  readonly #leave = (): void => this.#controller.abort(this.#caller.reason);
}
