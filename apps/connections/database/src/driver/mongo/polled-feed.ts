/** The task feed of a standalone server, which has no change streams: looks again and again for younger commit times. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedBatch } from '../../port/task-feed.ts';
import { type Commit, commitsBetween } from './commit-scan.ts';
import type { FeedAttempt } from './feed-attempt.ts';
import { FeedChanges } from './feed-changes.ts';
import { type FeedSource, lost } from './feed-source.ts';
import { feedToken, placeOf } from './feed-token.ts';
import { overlapMs, type PollRange, PollWindow } from './poll-window.ts';
import { memoryMs } from './task-indexes.ts';

/** What a change waits to be told. */
const pollMs = 500;
/** A longer poll tells what it has come to, so that a reader that ends now and then gets on. */
const longPollMs = overlapMs;
const toldAtOnce = 256;

/** Follows the commits until a step fails, which it throws. */
export async function* polledFeed(
  source: FeedSource,
  after: string | undefined,
  attempt: FeedAttempt,
): AsyncIterable<FeedBatch> {
  const { signal } = attempt;
  const serverTime = () => attempt.bounded(source.link.serverTime(signal));
  let token = after;
  if (token === undefined) {
    // A commit that is under way noted its time already.
    token = tokenAt((await serverTime()) - overlapMs);
    yield { outcome: 'CHANGES', changes: [], token };
  }
  const settled: unknown = placeOf('poll', token)?.settled;
  if (typeof settled !== 'number') return yield lost('the token is none of a polled feed');
  const window = new PollWindow(settled);
  const poll = new Poll(source, attempt, window);
  for (;;) {
    const asked = performance.now();
    const server = await serverTime();
    const range = window.begin({ server, asked, answered: performance.now() });
    if (!range) return yield lost('the clock of the server was set back, or it is another server');
    if (server - range.from > memoryMs) return yield lost('the removals of that time are forgotten');
    yield* poll.told(range, asked);
    yield { outcome: 'CHANGES', changes: [], token: tokenAt(window.settled) };
    await delay(pollMs, undefined, { signal });
  }
}

class Poll {
  readonly #source: FeedSource;
  readonly #attempt: FeedAttempt;
  readonly #window: PollWindow;
  readonly #read: FeedChanges;

  constructor(source: FeedSource, attempt: FeedAttempt, window: PollWindow) {
    this.#source = source;
    this.#attempt = attempt;
    this.#window = window;
    this.#read = new FeedChanges(source.spaces, attempt);
  }

  /** The token of its batches is that of the poll before. */
  async *told(range: PollRange, asked: number): AsyncIterable<FeedBatch> {
    const token = tokenAt(this.#window.settled);
    let fresh: Commit[] = [];
    let reached = range.to;
    const changes = (commits: readonly Commit[]) =>
      this.#read.of(commits.map(({ collection, id }) => ({ collection, id, foreign: false })));
    const { tasks, spaces } = this.#source;
    for await (const commit of commitsBetween([tasks, spaces], range, this.#attempt)) {
      const now = performance.now();
      this.#window.heard(now);
      if (commit.at > range.from && now - asked > longPollMs) {
        reached = commit.at;
        break;
      }
      if (this.#window.take(String(commit.id), commit.revision, commit.at)) fresh.push(commit);
      if (fresh.length < toldAtOnce) continue;
      for await (const part of changes(fresh)) yield { outcome: 'CHANGES', changes: part, token };
      fresh = [];
    }
    for await (const part of changes(fresh)) yield { outcome: 'CHANGES', changes: part, token };
    this.#window.settle(reached);
  }
}

function tokenAt(settled: number): string {
  return feedToken('poll', { settled });
}
