/** The task feed on MongoDB: streamed by a replica set, polled on a standalone server, carried on over the loss of either. */
import { setTimeout as delay } from 'node:timers/promises';
import { failure } from '@connections/runtime/errors';
import { type ClientSession, MongoError } from 'mongodb';
import type { FeedBatch, TaskFeed } from '../../port/task-feed.ts';
import { FeedAttempt, StepTimeout } from './feed-attempt.ts';
import type { FeedSource } from './feed-source.ts';
import { outcomeOf } from './mongo-errors.ts';
import { MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { polledFeed } from './polled-feed.ts';
import { streamedFeed } from './streamed-feed.ts';
import { collectionsOf } from './task-collections.ts';
import { commitIndex, commitIndexes } from './task-indexes.ts';

/** Between two tries to follow the server. */
const retryMs = [500, 1_000] as const;
/** The server closed a cursor that was not read for long, or lost it with a collection: it is opened again. */
const closedCursorCodes = new Set<unknown>([43, 175, 237]);

export class MongoTaskFeed implements TaskFeed {
  readonly #link: MongoLink;
  readonly #source: FeedSource;
  /** Built for the first who polls. */
  #indexes: MongoIndexes | undefined;

  constructor(link: MongoLink, collection: string) {
    const [tasks, spaces] = collectionsOf(link, collection);
    this.#link = link;
    this.#source = { link, tasks, spaces };
  }

  /** Why polling has to wait. */
  get problems(): readonly string[] {
    return this.#indexes?.problems ?? [];
  }

  async *open(after: string | undefined, signal: AbortSignal): AsyncIterable<FeedBatch> {
    // One for all tries, so that no primary that was elected since shows an older state than was told.
    await using session = this.#link.causalSession();
    let token = after;
    for (;;) {
      using attempt = new FeedAttempt(signal, this.#link.closing);
      try {
        for await (const batch of this.#follow(token, attempt, session)) {
          yield batch;
          if (batch.outcome === 'HISTORY_LOST') return;
          token = batch.token;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (this.#link.closing.aborted) throw failure('CLOSED', { resource: 'task feed' }, { cause: error });
        if (!isPassing(error)) throw failure('INTERNAL', {}, { cause: error });
        this.#link.doubt(error);
      }
      await this.#pause(signal);
    }
  }

  async *#follow(
    token: string | undefined,
    attempt: FeedAttempt,
    session: ClientSession,
  ): AsyncIterable<FeedBatch> {
    await attempt.unlessLeft(this.#link.reached());
    if (!this.#link.topology.isStandalone) return yield* streamedFeed(this.#source, token, attempt, session);
    await this.#indexed(attempt);
    yield* polledFeed(this.#source, token, attempt);
  }

  /** Without its index each poll would read every task. */
  async #indexed({ signal }: FeedAttempt): Promise<void> {
    const { tasks, spaces } = this.#source;
    this.#indexes ??= new MongoIndexes(this.#link, commitIndexes([tasks, spaces]));
    while (!this.#indexes.isBuilt(commitIndex)) await delay(100, undefined, { signal });
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const [least, most] = retryMs;
    await delay(least + Math.random() * (most - least), undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof StepTimeout) return true;
  if (error instanceof MongoError && error.hasErrorLabel('ResumableChangeStreamError')) return true;
  const outcome = outcomeOf(error);
  return (
    outcome === 'UNKNOWN' || outcome === 'UNSENT' || closedCursorCodes.has((error as { code?: unknown }).code)
  );
}
