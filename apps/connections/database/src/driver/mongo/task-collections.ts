/** The two collections that tasks lie in, and the operations that calls on tasks are made of. */

import type { BulkWriteResult, Collection, Document, FindOptions, ObjectId } from 'mongodb';
import { taskKey } from '../../domain/task-key.ts';
import type { TaskQuery, TaskRef } from '../../port/tasks.ts';
import { outcomeOf } from './mongo-errors.ts';
import type { IndexPlan } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { abortable } from './mongo-options.ts';
import { defaultNamespace, isReservation, refOf } from './task-document.ts';
import { identitiesFilter, identityFilter, listRanges } from './task-filters.ts';
import { removalIndex, taskIndexes } from './task-indexes.ts';
import type { TaskUpdate } from './task-pipeline.ts';

/** Of two that create one task at once the second is refused by the index, and then finds it. */
const upsertTries = 10;
/** Documents in one batch of a list: they may have a megabyte each. */
const batchSize = 128;

/** Where old data has several documents of a task, this one is the task. */
const oldest = { _id: 1 } as const;
const withoutHistory = { 'cs.history': 0 } as const;

/** The default namespace's, and that of all others. */
export function collectionsOf(link: MongoLink, collection: string): readonly [Collection, Collection] {
  return [link.collection(collection), link.collection(`${collection}_namespaces`)];
}

export class TaskCollections {
  readonly indexes: readonly IndexPlan[];
  readonly collections: readonly Collection<Document>[];
  readonly #tasks: Collection<Document>;
  readonly #spaces: Collection<Document>;

  constructor(link: MongoLink, collection: string) {
    [this.#tasks, this.#spaces] = collectionsOf(link, collection);
    this.collections = [this.#tasks, this.#spaces];
    this.indexes = [
      ...taskIndexes(this.#tasks, { spaced: false }),
      ...taskIndexes(this.#spaces, { spaced: true }),
    ];
  }

  /** The first implementation's for the default namespace, one for all others. */
  of({ namespace }: Pick<TaskRef, 'namespace'>): Collection<Document> {
    return namespace === defaultNamespace ? this.#tasks : this.#spaces;
  }

  /** A projection must leave `cs.removed` in: no index serves a filter by what a document lacks. */
  async find(ref: TaskRef, options: FindOptions, signal: AbortSignal): Promise<Document | null> {
    const wanted = { projection: withoutHistory, sort: oldest, ...options };
    const document = await this.of(ref).findOne(identityFilter(ref), abortable(wanted, signal));
    return document && !isReservation(document) ? document : null;
  }

  /** The document as it is afterwards; null where there is none. */
  async update(ref: TaskRef, pipeline: Document[], signal: AbortSignal): Promise<Document | null> {
    const document = await this.#change(ref, pipeline, { upsert: false }, signal);
    return document && !isReservation(document) ? document : null;
  }

  async upsert(ref: TaskRef, pipeline: Document[], signal: AbortSignal): Promise<Document> {
    for (let tries = 1; ; tries++) {
      try {
        const document = await this.#change(ref, pipeline, { upsert: true }, signal);
        // SecantusDB answers the second of two creators with nothing.
        if (document) return document;
        if (tries >= upsertTries) throw new Error('an upsert left no document');
      } catch (error) {
        const lostRace = outcomeOf(error) === 'DUPLICATE' && !isRemovalKey(error);
        if (!lostRace || tries >= upsertTries) throw error;
      }
    }
  }

  /** One command, for tasks of one collection. */
  updateEach(updates: readonly TaskUpdate[], signal: AbortSignal): Promise<BulkWriteResult> {
    const [first] = updates;
    if (!first) throw new RangeError('no update');
    const operations = updates.map(({ commit, pipeline, upsert }) => ({
      updateOne: { filter: identityFilter(commit.ref), update: pipeline, upsert },
    }));
    return this.of(first.commit.ref).bulkWrite(operations, abortable({ ordered: false }, signal));
  }

  /** Those of the tasks that are there, all of one collection, by `taskKey`. */
  async findEach(refs: readonly TaskRef[], signal: AbortSignal): Promise<Map<string, Document>> {
    const [first] = refs;
    if (!first) return new Map();
    const options = { projection: withoutHistory, batchSize: refs.length, signal };
    const found = await this.of(first).find(identitiesFilter(refs), options).toArray();
    const documents = found.filter((document) => !isReservation(document));
    return new Map(
      documents.map((document) => [taskKey(refOf(document.cs?.ns ?? defaultNamespace, document)), document]),
    );
  }

  /** The same of their names alone. */
  async thereOf(
    refs: readonly TaskRef[],
    options: FindOptions,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const [first] = refs;
    if (!first) return new Set();
    const projection = { task: 1, task_id: 1, 'cs.removed.reserved': 1 };
    // In one reply: what is said of how new it is holds for each of them.
    const wanted = { ...options, projection, batchSize: 2 * refs.length };
    const found = await this.of(first).find(identitiesFilter(refs), abortable(wanted, signal)).toArray();
    const tasks = found.filter((document) => !isReservation(document));
    return new Set(tasks.map((document) => taskKey(refOf(first.namespace, document))));
  }

  /** What an upsert left that came too late, if the document is such. */
  findLate(ref: TaskRef, id: ObjectId, signal: AbortSignal): Promise<Document | null> {
    return this.of(ref).findOne({ _id: id, 'cs.removed.late': true }, { signal });
  }

  /** Of every document of the task: where the index that forbids it is missing, there may be several. */
  async updateAll(ref: TaskRef, pipeline: Document[], signal: AbortSignal): Promise<void> {
    await this.of(ref).updateMany(identityFilter(ref), pipeline, abortable({}, signal));
  }

  /** Whether there was a task when the removal with this key was made. */
  async removedBefore(ref: TaskRef, key: string, signal: AbortSignal): Promise<boolean> {
    const options = { projection: { 'cs.removed.was': 1 }, signal };
    const first = await this.of(ref).findOne({ 'cs.removed.key': key }, options);
    return first?.cs.removed.was === true;
  }

  /** At most one document more than the page may have: it tells whether there is a next one. */
  async *listed(
    query: TaskQuery,
    { after, limit }: { readonly after: string | undefined; readonly limit: number },
    signal: AbortSignal,
  ): AsyncIterable<Document> {
    let left = limit + 1;
    for (const { filter, sort } of listRanges(query, after)) {
      const cursor = this.of(query).find(filter, {
        projection: { 'cs.history': 0, 'cs.ring': 0, 'cs.calls': 0 },
        sort,
        limit: left,
        batchSize: Math.min(left, batchSize),
        signal,
      });
      try {
        for await (const document of cursor) {
          yield document;
          left--;
        }
      } finally {
        await cursor.close();
      }
      if (left <= 0) return;
    }
  }

  #change(
    ref: TaskRef,
    pipeline: Document[],
    { upsert }: { readonly upsert: boolean },
    signal: AbortSignal,
  ): Promise<Document | null> {
    const options = { upsert, returnDocument: 'after', projection: withoutHistory, sort: oldest } as const;
    return this.of(ref).findOneAndUpdate(identityFilter(ref), pipeline, abortable(options, signal));
  }
}

function isRemovalKey(error: unknown): boolean {
  return error instanceof Error && error.message.includes(removalIndex);
}
