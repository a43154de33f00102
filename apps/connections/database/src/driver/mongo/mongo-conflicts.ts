/** Conflicts on MongoDB: each once by its id, and whole as soon as it can be seen. */
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { BSON, type Collection, type Document } from 'mongodb';
import type { Conflict, TaskConflicts } from '../../port/task-conflicts.ts';
import { conflictDocuments, conflictOf, headId, partIds, type StoredConflict } from './conflict-document.ts';
import type { MongoCalls } from './mongo-calls.ts';
import type { IndexPlan } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { abortable } from './mongo-options.ts';

/** Of the documents in one page: a conflict may hold many megabytes. */
const pageBytes = 4_194_304;
const readAtOnce = 16;
const newestFirst = { at: -1, id: -1 } as const;

/** Without the documents that hold what one has no room for. */
export function conflictIndexes(collection: Collection<Document>): IndexPlan[] {
  return [{ collection, key: newestFirst, options: { name: 'cs_conflicts', sparse: true } }];
}

export class MongoConflicts implements TaskConflicts {
  readonly #calls: MongoCalls;
  readonly #collection: Collection<StoredConflict>;

  constructor(calls: MongoCalls, link: MongoLink, name: string) {
    this.#calls = calls;
    this.#collection = link.collection(name);
  }

  async add(conflict: Conflict, signal: Ending): Promise<void> {
    const [head, ...parts] = conflictDocuments(conflict);
    await this.#calls.write(signal, async (inner) => {
      // The head, by which it is found, comes last.
      for (const { _id, ...rest } of [...parts, head]) {
        const options = abortable({ upsert: true }, inner);
        await this.#collection.updateOne({ _id }, { $setOnInsert: rest }, options);
      }
      if (parts.length > 0) await this.#removeUnless(head, inner);
    });
  }

  list(
    { after, limit }: { readonly after: string | undefined; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly conflicts: readonly Conflict[]; readonly next: string | undefined }> {
    const options = { sort: newestFirst, limit: limit + 1, batchSize: Math.min(limit + 1, readAtOnce) };
    return this.#calls.read(signal, async (inner) => {
      const filter = after === undefined ? { at: { $type: 'date' } } : behind(after);
      const conflicts: Conflict[] = [];
      let bytes = 0;
      let next: string | undefined;
      await using cursor = this.#collection.find(filter, { ...options, signal: inner });
      for await (const head of cursor) {
        if (conflicts.length > 0 && (conflicts.length >= limit || bytes > pageBytes)) {
          return { conflicts, next };
        }
        const parts = await this.#partsOf(head, inner);
        for (const document of [head, ...parts]) bytes += BSON.calculateObjectSize(document);
        conflicts.push(conflictOf(head, parts));
        next = `${head.at.getTime()}.${head.id}`;
      }
      return { conflicts, next: undefined };
    });
  }

  get(id: string, signal: Ending): Promise<Conflict | undefined> {
    return this.#calls.read(signal, async (inner) => {
      const head = await this.#collection.findOne({ _id: headId(id) }, { signal: inner });
      return head ? conflictOf(head, await this.#partsOf(head, inner)) : undefined;
    });
  }

  drop(id: string, signal: Ending): Promise<boolean> {
    return this.#calls.write(signal, async (inner, again) => {
      const head = await this.#collection.findOneAndDelete({ _id: headId(id) }, abortable({}, inner));
      if (head) await this.#remove(partIds(head), inner);
      // The answer to the first try was lost: there was one, or there is none now.
      return head !== null || again;
    });
  }

  async #partsOf(head: Document, signal: AbortSignal): Promise<Document[]> {
    const ids = partIds(head);
    if (ids.length === 0) return [];
    const found = await this.#collection.find({ _id: { $in: ids } }, { signal }).toArray();
    const byId = new Map(found.map((part) => [part._id, part]));
    return ids.map((id) => {
      const part = byId.get(id);
      if (!part) throw failure('INTERNAL', {}, { cause: new Error(`a part of conflict ${head.id} is gone`) });
      return part;
    });
  }

  /** Another process was first: what it found of the same buffer stands. */
  async #removeUnless(head: Document, signal: AbortSignal): Promise<void> {
    const standing = await this.#collection.findOne({ _id: head._id }, { projection: { of: 1 }, signal });
    if (standing?.of !== head.of) await this.#remove(partIds(head), signal);
  }

  async #remove(ids: readonly string[], signal: AbortSignal): Promise<void> {
    if (ids.length === 0) return;
    await this.#collection.deleteMany({ _id: { $in: [...ids] } }, abortable({}, signal));
  }
}

function behind(cursor: string): Document {
  const [, time, id] = /^(\d{1,15})\.(.*)$/s.exec(cursor) ?? [];
  if (time === undefined) throw failure('PAGE_TOKEN_INVALID', {});
  const at = new Date(Number(time));
  return { $or: [{ at: { $lt: at } }, { at, id: { $lt: id } }] };
}
