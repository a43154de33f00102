/** The commits of a span of time in several collections, in the order of their times, page by page by an index. */
import type { Collection, Document, ObjectId } from 'mongodb';
import type { FeedAttempt } from './feed-attempt.ts';
import { abortable } from './mongo-options.ts';
import type { PollRange } from './poll-window.ts';
import { commitIndex } from './task-indexes.ts';

export interface Commit {
  readonly collection: Collection<Document>;
  readonly id: ObjectId;
  /** On the server's clock. */
  readonly at: number;
  /** Infinite for a removal: no revision follows. */
  readonly revision: number;
}

const pageSize = 1_000;
const shown = { 'cs.committed': 1, 'cs.rev': 1, 'cs.removed.at': 1 } as const;

export async function* commitsBetween(
  collections: readonly Collection<Document>[],
  range: PollRange,
  attempt: FeedAttempt,
): AsyncIterable<Commit> {
  const scans = collections.map((collection) =>
    commitsOf(collection, range, attempt)[Symbol.asyncIterator](),
  );
  const heads = await Promise.all(scans.map((scan) => scan.next()));
  for (;;) {
    let first: Commit | undefined;
    for (const { value } of heads) if (value && (!first || value.at < first.at)) first = value;
    if (!first) return;
    yield first;
    const at = heads.findIndex(({ value }) => value === first);
    const next = await scans[at]?.next();
    if (next) heads[at] = next;
  }
}

/** Holds nothing on the server between two pages: its reader may take its time. */
async function* commitsOf(
  collection: Collection<Document>,
  range: PollRange,
  attempt: FeedAttempt,
): AsyncIterable<Commit> {
  const to = new Date(range.to);
  let page = await read(collection, { 'cs.committed': { $gte: new Date(range.from), $lte: to } }, attempt);
  let isLast = page.length < pageSize;
  for (;;) {
    yield* page;
    const last = page.at(-1);
    if (!last || isLast) return;
    // Any number of documents may have the same time.
    const at = new Date(last.at);
    page = await read(collection, { 'cs.committed': at, _id: { $gt: last.id } }, attempt);
    if (page.length > 0) continue;
    page = await read(collection, { 'cs.committed': { $gt: at, $lte: to } }, attempt);
    isLast = page.length < pageSize;
  }
}

async function read(
  collection: Collection<Document>,
  filter: Document,
  attempt: FeedAttempt,
): Promise<Commit[]> {
  const options = {
    projection: shown,
    sort: { 'cs.committed': 1, _id: 1 } as const,
    limit: pageSize,
    batchSize: pageSize,
    hint: commitIndex,
  };
  const documents = await attempt.bounded(
    collection.find(filter, abortable(options, attempt.signal)).toArray(),
  );
  return documents.map(({ _id, cs }) => ({
    collection,
    id: _id,
    at: cs.committed.getTime(),
    revision: cs.removed ? Number.POSITIVE_INFINITY : cs.rev,
  }));
}
