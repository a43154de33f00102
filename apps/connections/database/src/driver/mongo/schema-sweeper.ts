/**
 * Removes archived versions whose head has gone: what is left when a process ends between the removal of a name and
 * that of its versions, or when the first implementation removes a name.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectId } from 'mongodb';
import type { MongoLink } from './mongo-link.ts';
import { abortable } from './mongo-options.ts';
import { versionsOf } from './schema-archive.ts';
import type { SchemaHeads } from './schema-heads.ts';

const dayMs = 86_400_000;
const batch = 500;
/** One round; what it did not come to is swept on another day. */
const maxSuspects = 100_000;

export class SchemaSweeper {
  readonly #link: MongoLink;
  readonly #heads: SchemaHeads;
  readonly #collection: string;
  /** Heads that were not there at the last round: while an operator restores a backup, all of them are. */
  #suspects = new Set<string>();

  constructor(link: MongoLink, heads: SchemaHeads, collection: string) {
    this.#link = link;
    this.#heads = heads;
    this.#collection = collection;
  }

  /** Until the link is closed. */
  async run(): Promise<void> {
    const { closing } = this.#link;
    for (;;) {
      // Not all processes at once.
      await delay(dayMs * (0.5 + Math.random()), undefined, { signal: closing, ref: false });
      await this.sweep(closing).catch(() => {});
    }
  }

  /** Removes the versions of heads that this and the round before did not find. */
  async sweep(signal: AbortSignal): Promise<void> {
    const versions = versionsOf(this.#link, this.#collection);
    const suspects = new Set<string>();
    const groups = versions.aggregate<{ _id: ObjectId }>([{ $group: { _id: '$_id.h' } }], { signal });
    for await (const heads of batches(groups)) {
      for (const head of await this.#missing(heads, signal)) {
        if (this.#suspects.has(String(head)))
          await versions.deleteMany({ '_id.h': head }, abortable({}, signal));
        else if (suspects.size < maxSuspects) suspects.add(String(head));
      }
    }
    this.#suspects = suspects;
  }

  async #missing(heads: readonly ObjectId[], signal: AbortSignal): Promise<ObjectId[]> {
    const there = new Set<string>();
    for (const namespace of ['default', '']) {
      const options = { projection: { _id: 1 }, signal };
      const found = this.#heads.of(namespace).find({ _id: { $in: heads } }, options);
      for (const { _id } of await found.toArray()) there.add(String(_id));
    }
    return heads.filter((head) => !there.has(String(head)));
  }
}

async function* batches(groups: AsyncIterable<{ readonly _id: ObjectId }>): AsyncGenerator<ObjectId[]> {
  let heads: ObjectId[] = [];
  for await (const { _id } of groups) {
    heads.push(_id);
    if (heads.length < batch) continue;
    yield heads;
    heads = [];
  }
  if (heads.length > 0) yield heads;
}
