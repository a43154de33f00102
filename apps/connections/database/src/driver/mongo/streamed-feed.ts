/** The task feed of a replica set: one change stream over both collections. */
import type { ChangeStream, ClientSession, Document } from 'mongodb';
import type { FeedBatch, TaskChange } from '../../port/task-feed.ts';
import type { FeedAttempt } from './feed-attempt.ts';
import { FeedChanges, type Touched } from './feed-changes.ts';
import { type FeedSource, lost } from './feed-source.ts';
import { outcomeOf } from './mongo-errors.ts';
import { feedPipeline, type TaskEvent, writes } from './stream-pipeline.ts';
import { later, placeAt, type StreamPlace, streamPlace, streamToken } from './stream-place.ts';
import { memoryMs } from './task-indexes.ts';

/** So long does the server wait for a change before it answers that there is none, with a new place. */
const waitMs = 1_000;
const eventsAtOnce = 256;
/** The place is not in the server's log of changes any more, or never was. */
const lostCodes = new Set<unknown>([136, 260, 280, 286]);
/** These say nothing of the place, but that we lack a right. */
const rightsCodes = new Set<unknown>([13, 18, 8_000]);

/** Follows the changes until a step fails, which it throws. No read of the session is older than one before. */
export async function* streamedFeed(
  source: FeedSource,
  after: string | undefined,
  attempt: FeedAttempt,
  session: ClientSession,
): AsyncIterable<FeedBatch> {
  let stream: TaskStream | undefined;
  try {
    let place = after === undefined ? undefined : streamPlace(after);
    if (after === undefined) {
      // A time rather than the stream's own first place: it is there before any change is read.
      await attempt.bounded(source.link.ping(attempt.signal, session));
      if (session.operationTime) place = placeAt(session.operationTime);
      if (place) yield { outcome: 'CHANGES', changes: [], token: streamToken(place) };
    }
    if (!place) return yield lost('the token is none of a change stream');
    stream = new TaskStream(source, session, place);
    yield* stream.batches(attempt);
  } catch (error) {
    const reason = lossOf(error, stream);
    if (reason === undefined) throw error;
    yield lost(reason);
  } finally {
    stream?.close();
  }
}

class TaskStream {
  readonly #source: FeedSource;
  readonly #session: ClientSession;
  readonly #changes: ChangeStream<Document, TaskEvent & Document>;
  #place: StreamPlace;
  /** The server has taken the place that it was given. */
  opened = false;

  constructor(source: FeedSource, session: ClientSession, place: StreamPlace) {
    const { link, tasks, spaces } = source;
    this.#place = place;
    this.#source = source;
    this.#session = session;
    this.#changes = link.watch(feedPipeline([tasks.collectionName, spaces.collectionName]), {
      maxAwaitTimeMS: waitMs,
      batchSize: eventsAtOnce,
      ...(link.topology.keepsPreImages && { fullDocumentBeforeChange: 'whenAvailable' as const }),
      ...place.from,
    });
    this.#changes.once('resumeTokenChanged', () => {
      this.opened = true;
    });
  }

  async *batches(attempt: FeedAttempt): AsyncIterable<FeedBatch> {
    const read = new FeedChanges(this.#source.spaces, attempt, this.#session);
    let next = this.#next();
    for (;;) {
      const events: TaskEvent[] = [];
      for (let event = await attempt.bounded(next); event; event = await next) {
        events.push(event);
        const isLast = this.#changes.bufferedCount() === 0 || events.length >= eventsAtOnce;
        // The next answer comes while this one is told: no more than that is ever read ahead.
        next = this.#next();
        if (isLast) break;
      }
      const odd = events.find(({ operationType }) => !writes.has(operationType));
      if (odd) return yield lost(`a whole collection of tasks was changed: ${odd.operationType}`);
      for await (const changes of this.#told(events, read)) {
        yield { outcome: 'CHANGES', changes, token: this.#token };
      }
      if (this.#areForgotten(events)) return yield lost('the removals of that time are forgotten');
      const last = events.at(-1);
      const resumeAfter = last?._id ?? (this.#changes.resumeToken as Document);
      this.#place = { ...this.#place, from: { resumeAfter }, last: last?.clusterTime ?? this.#place.last };
      yield { outcome: 'CHANGES', changes: [], token: this.#token };
      if (!last) next = this.#next();
    }
  }

  get #token(): string {
    return streamToken({ ...this.#place, seen: later(this.#place.seen, this.#session.operationTime) });
  }

  /** Not waited for: the server may be frozen. */
  close(): void {
    this.#changes.close().catch(() => {});
  }

  /** Whoever does not wait for it any more does not have to hear of its failure. */
  #next(): Promise<TaskEvent | null> {
    const next = this.#changes.tryNext();
    next.catch(() => {});
    return next;
  }

  async *#told(events: readonly TaskEvent[], read: FeedChanges): AsyncIterable<readonly TaskChange[]> {
    const { tasks, spaces } = this.#source;
    const collectionOf = ({ ns }: TaskEvent) => (ns.coll === tasks.collectionName ? tasks : spaces);
    const touched = new Map<string, Touched>();
    const deleted: TaskChange[] = [];
    for (const event of events) {
      const id = event.documentKey._id;
      if (event.operationType === 'delete') {
        // First of all: what else this answer says of a document that is gone is not told.
        deleted.push(...read.deletion(collectionOf(event), event.before ?? {}));
      } else {
        const before = touched.get(String(id));
        const foreign = !event.ours || before?.foreign === true;
        touched.set(String(id), { collection: collectionOf(event), id, foreign });
      }
      // A primary that was elected since may not have it yet.
      this.#session.advanceOperationTime(event.clusterTime);
    }
    if (deleted.length > 0) yield deleted;
    yield* read.of([...touched.values()]);
  }

  /** A tombstone that was purged before it was read was not told. */
  #areForgotten([first]: readonly TaskEvent[]): boolean {
    const now = this.#source.link.topology.serverTimeIn(0);
    return first !== undefined && now !== undefined && now - first.clusterTime.t * 1_000 > memoryMs;
  }
}

/** Undefined for an error that a later try may mend. */
function lossOf(error: unknown, stream: TaskStream | undefined): string | undefined {
  if (!stream || outcomeOf(error) !== 'REFUSED') return undefined;
  const { code, message } = error as Error & { readonly code?: unknown };
  const isOfPlace = lostCodes.has(code) || (!stream.opened && !rightsCodes.has(code));
  return isOfPlace ? `the server refuses the token: ${message}` : undefined;
}
