/**
 * Remembers which request removed a name, so that its repetition leaves a name alone that was registered since. It is
 * written before the head goes: a request whose head stands was not carried out.
 */
import { createHash } from 'node:crypto';
import type { Collection, Document, ObjectId } from 'mongodb';
import type { SchemaRef } from '../../port/schemas.ts';
import type { MongoCalls } from './mongo-calls.ts';
import type { MongoLink } from './mongo-link.ts';
import { abortable } from './mongo-options.ts';
import type { SchemaHeads } from './schema-heads.ts';

interface Removal {
  /** Digest of name and request. */
  readonly _id: string;
  /** The life of the name that was to go; absent where there was none. */
  readonly head?: ObjectId;
  /** Tries of this request that may have been what removed the head. */
  readonly tries?: number;
  readonly at: Date;
}

export class SchemaRemovals {
  readonly #calls: MongoCalls;
  readonly #heads: SchemaHeads;
  readonly #removals: Collection<Removal>;

  constructor(calls: MongoCalls, heads: SchemaHeads, link: MongoLink, collection: string) {
    this.#calls = calls;
    this.#heads = heads;
    this.#removals = link.collection<Removal>(`${collection}_removals`);
  }

  keyOf({ namespace, name }: SchemaRef, requestId: string | undefined): string | undefined {
    if (requestId === undefined) return undefined;
    return createHash('sha256')
      .update(JSON.stringify([namespace, name, requestId]))
      .digest('base64url');
  }

  async recall(
    { namespace }: SchemaRef,
    key: string | undefined,
    signal: AbortSignal,
  ): Promise<'deleted' | 'unknown' | undefined> {
    if (key === undefined) return undefined;
    return this.#calls.read(signal, async (inner) => {
      const found = await this.#removals.findOne({ _id: key }, { signal: inner });
      if (!found?.head) return found ? 'unknown' : undefined;
      if (found.tries === 0) return undefined;
      const options = { projection: { _id: 1 }, signal: inner };
      const standing = await this.#heads.of(namespace).findOne({ _id: found.head }, options);
      return standing ? undefined : 'deleted';
    });
  }

  async rememberUnknown(key: string | undefined, signal: AbortSignal): Promise<void> {
    await this.#put(key, { $set: { at: new Date() }, $unset: { head: '', tries: '' } }, signal);
  }

  async remember(key: string | undefined, head: ObjectId, signal: AbortSignal): Promise<void> {
    await this.#put(key, { $set: { head, at: new Date() }, $inc: { tries: 1 } }, signal);
  }

  /** Of a try that did not remove the head: who did it is answered so, and nobody else. */
  async retract(key: string | undefined, signal: AbortSignal): Promise<void> {
    await this.#put(key, { $inc: { tries: -1 } }, signal, { upsert: false });
  }

  async #put(
    key: string | undefined,
    update: Document,
    signal: AbortSignal,
    options = { upsert: true },
  ): Promise<void> {
    if (key === undefined) return;
    // Like the archive: until the head goes, it says nothing.
    await this.#calls.read(signal, (inner) =>
      this.#removals.updateOne({ _id: key }, update, abortable(options, inner)),
    );
  }
}
