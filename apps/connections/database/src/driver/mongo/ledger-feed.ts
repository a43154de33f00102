/** The feed of the ledger, from the feed of tasks: one change at a time, and another feed after each interruption. */
import { failure } from '@connections/runtime/errors';
import type { FeedBatch, TaskFeed } from '../../port/task-feed.ts';
import type { Checkpoint, Feed, FeedStep } from '../../port/task-ledger.ts';
import { FeedAttempt, StepTimeout } from './feed-attempt.ts';

export class LedgerFeed implements Feed {
  readonly #batches: AsyncIterator<FeedBatch>;
  readonly #closed = new AbortController();
  #start: Checkpoint | undefined;
  /** Without the states of the tasks: there may be as many as one answer of the server has. */
  #steps: FeedStep[] = [];
  /** Asked for, and kept when who waits for it leaves. */
  #coming: Promise<FeedBatch | undefined> | undefined;

  private constructor(feed: TaskFeed, after: Checkpoint | undefined) {
    this.#start = after;
    this.#batches = feed.open(after, this.#closed.signal)[Symbol.asyncIterator]();
  }

  static async open(
    feed: TaskFeed,
    after: Checkpoint | undefined,
    signal: AbortSignal,
  ): Promise<LedgerFeed | 'LOST'> {
    const opened = new LedgerFeed(feed, after);
    try {
      if (await opened.#begin(signal)) return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
    await opened[Symbol.asyncDispose]();
    return 'LOST';
  }

  get start(): Checkpoint {
    return this.#start ?? '';
  }

  async next(signal: AbortSignal): Promise<FeedStep> {
    for (;;) {
      const step = this.#steps.shift();
      if (step) return step;
      // Whoever opens it anew at the last checkpoint is told so.
      if (!(await this.#take(signal))) throw interrupted('what comes next is not known any more');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the feed of the ledger is closed'));
    await this.#batches.return?.().catch(() => {});
  }

  /** False: it is lost, which shows at the end of what the server answers first. */
  async #begin(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const batch = await this.#take(signal);
      if (!batch) return false;
      this.#start ??= batch.token;
      if (batch.changes.length === 0) return true;
    }
  }

  /** Undefined: the history is lost. */
  async #take(signal: AbortSignal): Promise<(FeedBatch & { readonly outcome: 'CHANGES' }) | undefined> {
    this.#coming ??= this.#batches.next().then(({ value }) => value);
    this.#coming.catch(() => {});
    using attempt = new FeedAttempt(signal);
    const batch = await attempt.bounded(this.#coming).catch((error) => {
      throw error instanceof StepTimeout ? interrupted('it says nothing', error) : error;
    });
    this.#coming = undefined;
    if (batch?.outcome !== 'CHANGES') return undefined;
    this.#steps.push(...stepsOf(batch));
    return batch;
  }
}

/** The checkpoint of a change is as new as the change and reaches back as far as those told with it: they may be told twice. */
function stepsOf({ changes, token }: FeedBatch & { readonly outcome: 'CHANGES' }): FeedStep[] {
  if (changes.length === 0) return [{ checkpoint: token }];
  return changes.map(({ ref, incarnation, task, foreign }) => {
    const stamp = task && { incarnation, revision: task.revision };
    return { checkpoint: token, event: { ref, stamp, foreign } };
  });
}

function interrupted(why: string, cause: unknown = new Error(why)): Error {
  return failure('STORE_UNREACHABLE', { store: 'task' }, { cause });
}
