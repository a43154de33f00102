/** Versions that are no longer in the head of their name, each a document of its own. */
import { type Collection, MongoBulkWriteError, type ObjectId } from 'mongodb';
import type { SchemaVersion } from '../../port/schemas.ts';
import type { MongoCalls } from './mongo-calls.ts';
import { duplicateKey } from './mongo-errors.ts';
import type { MongoLink } from './mongo-link.ts';
import { abortable } from './mongo-options.ts';
import { hasVersion, type SchemaHead } from './schema-head.ts';
import { type StoredVersion, toStored, versionFrom } from './stored-version.ts';

interface ArchivedVersion extends Omit<StoredVersion, 'n'> {
  /** Head and number. */
  readonly _id: { readonly h: ObjectId; readonly n: number };
}

export function versionsOf(link: MongoLink, collection: string): Collection<ArchivedVersion> {
  return link.collection<ArchivedVersion>(`${collection}_versions`);
}

export class SchemaArchive {
  readonly #calls: MongoCalls;
  readonly #versions: Collection<ArchivedVersion>;

  constructor(calls: MongoCalls, link: MongoLink, collection: string) {
    this.#calls = calls;
    this.#versions = versionsOf(link, collection);
  }

  /** Undefined also when the name has gone since its head was read. */
  async version(head: SchemaHead, n: number, signal: AbortSignal): Promise<SchemaVersion | undefined> {
    if (!hasVersion(head, n)) return undefined;
    const near = [head.active, ...head.tail].find(({ version }) => version === n);
    if (near) return near;
    return this.#calls.read(signal, async (inner) => {
      const found = await this.#versions.findOne({ _id: { h: head.id, n } }, { signal: inner });
      return found ? versionOf(found) : undefined;
    });
  }

  /** The newest version with this content. */
  async newest(
    head: SchemaHead,
    fingerprint: string,
    signal: AbortSignal,
  ): Promise<SchemaVersion | undefined> {
    const near = [head.active, ...head.tail.toReversed()].find(
      (version) => version.fingerprint === fingerprint && hasVersion(head, version.version),
    );
    if (near) return near;
    return this.#calls.read(signal, async (inner) => {
      const options = { sort: { '_id.n': -1 }, batchSize: 10, signal: inner } as const;
      await using found = this.#versions.find({ '_id.h': head.id, f: fingerprint }, options);
      // Few or none come in vain: removed versions, and those of a change that lost against another.
      for await (const version of found) if (hasVersion(head, version._id.n)) return versionOf(version);
      return undefined;
    });
  }

  /** Those of the numbers that are there. */
  async some(head: SchemaHead, numbers: readonly number[], signal: AbortSignal): Promise<SchemaVersion[]> {
    const near = new Map([...head.tail, head.active].map((version) => [version.version, version]));
    const far = numbers.filter((n) => !near.has(n)).map((n) => ({ h: head.id, n }));
    if (far.length > 0) {
      await this.#calls.read(signal, async (inner) => {
        const found = await this.#versions.find({ _id: { $in: far } }, { signal: inner }).toArray();
        for (const version of found) near.set(version._id.n, versionOf(version));
      });
    }
    return numbers.flatMap((n) => near.get(n) ?? []);
  }

  /**
   * Whoever keeps a version of a head keeps the same, so that this may happen twice or in vain. It writes over what
   * may be there from before a backup of the heads was restored.
   */
  async keep({ id }: SchemaHead, versions: readonly SchemaVersion[], signal: AbortSignal): Promise<void> {
    if (versions.length === 0) return;
    const kept = versions.map((version): ArchivedVersion => {
      const { n, ...fields } = toStored(version);
      return { _id: { h: id, n }, ...fields };
    });
    // Not a write to those who count: nothing refers to a version here before the head does.
    await this.#calls.read(signal, async (inner) => {
      const options = abortable({ ordered: false }, inner);
      // Nearly always none is there, and an insertion looks for nothing.
      const insertions = kept.map((document) => ({ insertOne: { document } }));
      const there = await this.#versions.bulkWrite(insertions, options).then((): number[] => [], twinsOf);
      if (there.length === 0) return;
      const replacements = kept
        .filter((_, index) => there.includes(index))
        .map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } }));
      await this.#versions.bulkWrite(replacements, options).catch(twinsOf);
    });
  }

  /** Frees what a removed version, or all of a removed name, takes. What stays is never found, and is swept away later. */
  async forget({ id }: SchemaHead, versions: readonly number[] | 'all', signal: AbortSignal): Promise<void> {
    const filter =
      versions === 'all' ? { '_id.h': id } : { _id: { $in: versions.map((n) => ({ h: id, n })) } };
    await this.#calls
      .read(signal, (inner) => this.#versions.deleteMany(filter, abortable({}, inner)))
      .catch(() => {});
  }
}

/** Which of the writes the server refused because there is such a version: of two who put one at once, it lets one through. */
function twinsOf(error: unknown): number[] {
  const errors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  if (errors.length === 0 || errors.some(({ code }) => code !== duplicateKey)) throw error;
  return errors.map(({ index }) => index);
}

function versionOf({ _id, ...fields }: ArchivedVersion): SchemaVersion {
  return versionFrom({ ...fields, n: _id.n });
}
