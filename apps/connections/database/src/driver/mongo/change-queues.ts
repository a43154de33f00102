/**
 * Changes of one thing wait for the one that is under way and then go together: a hundred writers of one document cost
 * a few commits, and none of them loses against another over and over. Other processes are kept off by the commit itself.
 */
import { setMaxListeners } from 'node:events';
import { failure } from '@connections/runtime/errors';

export type Outcome = { readonly answer: unknown } | { readonly error: unknown };

interface ChangeQueuesOptions<Ref, Change> {
  readonly keyOf: (ref: Ref) => string;
  /**
   * Resolves with the outcomes of the first changes, as many as went together; the others wait on. A rejection is the
   * outcome of all. The signal aborts when that of each change has.
   */
  readonly carryOut: (
    ref: Ref,
    changes: readonly Change[],
    signal: AbortSignal,
  ) => Promise<readonly Outcome[]>;
  /** Given to a caller whose signal aborts after its change was begun, in place of the signal's reason. */
  readonly abandoned: (reason: unknown) => unknown;
}

/** Over all queues: a store that is slow must not fill the memory. */
const maxWaiting = 8_192;

export class ChangeQueues<Ref, Change> {
  readonly #options: ChangeQueuesOptions<Ref, Change>;
  readonly #queues = new Map<string, QueuedChange<Change>[]>();
  #waiting = 0;

  constructor(options: ChangeQueuesOptions<Ref, Change>) {
    this.#options = options;
  }

  async submit(ref: Ref, change: Change, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (this.#waiting >= maxWaiting) throw failure('TOO_MANY_CALLS', { limit: maxWaiting });
    const queued = new QueuedChange(change, signal, this.#options.abandoned);
    const key = this.#options.keyOf(ref);
    const queue = this.#queues.get(key);
    if (queue) {
      queue.push(queued);
    } else {
      const begun = [queued];
      this.#queues.set(key, begun);
      void this.#work(key, ref, begun);
    }
    this.#waiting++;
    try {
      return await queued.answer;
    } finally {
      this.#waiting--;
    }
  }

  async #work(key: string, ref: Ref, queue: QueuedChange<Change>[]): Promise<void> {
    // Those of the same turn go together.
    await Promise.resolve();
    while (queue.length > 0) {
      const together = queue.splice(0).filter((change) => !change.aborted);
      if (together.length > 0) queue.unshift(...(await this.#carryOut(ref, together)));
    }
    this.#queues.delete(key);
  }

  /** Those that did not go with the others. */
  async #carryOut(
    ref: Ref,
    together: readonly QueuedChange<Change>[],
  ): Promise<readonly QueuedChange<Change>[]> {
    const ended = new AbortController();
    let open = together.length;
    const changes = together.map((queued) =>
      queued.begin((reason) => {
        open--;
        if (open === 0) ended.abort(reason);
      }),
    );
    try {
      const outcomes = await this.#options.carryOut(ref, changes, ended.signal);
      for (const [index, outcome] of outcomes.entries()) together[index]?.settle(outcome);
      return together.slice(outcomes.length);
    } catch (error) {
      for (const queued of together) queued.settle({ error });
      return [];
    }
  }
}

class QueuedChange<Change> {
  readonly answer: Promise<unknown>;
  readonly #change: Change;
  readonly #signal: AbortSignal;
  #settle: (outcome: Outcome) => void = () => {};
  #left: ((reason: unknown) => void) | undefined;

  constructor(change: Change, signal: AbortSignal, abandoned: (reason: unknown) => unknown) {
    this.#change = change;
    this.#signal = signal;
    const leave = () => {
      const { reason } = signal;
      this.settle({ error: this.#left ? abandoned(reason) : reason });
      this.#left?.(reason);
    };
    // A caller may share one signal among many calls.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', leave, { once: true });
    this.answer = new Promise((resolve, reject) => {
      this.#settle = (outcome) => {
        signal.removeEventListener('abort', leave);
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.answer);
      };
    });
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  begin(left: (reason: unknown) => void): Change {
    this.#left = left;
    return this.#change;
  }

  settle(outcome: Outcome): void {
    this.#settle(outcome);
  }
}
