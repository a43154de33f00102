/** The schema port on MongoDB, on the collection of the first implementation. */
import { abortSignalOf, type Ending } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import type {
  RegisterOptions,
  Registration,
  SchemaCandidate,
  SchemaFound,
  SchemaRecord,
  SchemaRef,
  SchemaRemoval,
  Schemas,
  SchemaVersion,
  VersionSelector,
} from '../../port/schemas.ts';
import { ChangeQueues } from './change-queues.ts';
import { MongoCalls } from './mongo-calls.ts';
import { MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';
import { SchemaArchive } from './schema-archive.ts';
import { registration, removal, reversion, type SchemaChange } from './schema-changes.ts';
import { SchemaCommits } from './schema-commits.ts';
import { hasVersion, recordOf, type SchemaHead } from './schema-head.ts';
import { SchemaHeads } from './schema-heads.ts';
import { afterIndexes, schemaIndexes } from './schema-indexes.ts';
import { SchemaRemovals } from './schema-removals.ts';
import { SchemaSweeper } from './schema-sweeper.ts';

export class MongoSchemas implements Schemas {
  readonly capabilities = { durable: true };
  readonly indexes: MongoIndexes;
  readonly #link: MongoLink;
  readonly #calls: MongoCalls;
  readonly #heads: SchemaHeads;
  readonly #archive: SchemaArchive;
  readonly #removals: SchemaRemovals;
  readonly #changes: ChangeQueues<SchemaRef, SchemaChange<unknown>>;

  /**
   * `collection` is that of the default namespace; those beside it have its name with an ending. Builds its indexes in the
   * background.
   */
  constructor(link: MongoLink, collection: string) {
    const calls = new MongoCalls(link, 'schema');
    const heads = new SchemaHeads(link, collection);
    const archive = new SchemaArchive(calls, link, collection);
    const removals = new SchemaRemovals(calls, heads, link, collection);
    const indexes = new MongoIndexes(link, schemaIndexes(link, collection));
    const indexed = afterIndexes(indexes);
    const commits = new SchemaCommits({ calls, heads, archive, removals, indexed });
    this.indexes = indexes;
    this.#link = link;
    this.#calls = calls;
    this.#heads = heads;
    this.#archive = archive;
    this.#removals = removals;
    this.#changes = new ChangeQueues({
      keyOf: ({ namespace, name }) => JSON.stringify([namespace, name]),
      carryOut: (ref, changes, signal) => commits.carryOut(ref, changes, signal),
      abandoned: (reason) => (hasReason(reason, 'STORE_TIMEOUT') ? calls.unknown(reason) : reason),
    });
    // It ends with the link.
    void new SchemaSweeper(link, heads, collection).run().catch(() => {});
  }

  register(
    ref: SchemaRef,
    candidate: SchemaCandidate,
    options: RegisterOptions,
    signal: Ending,
  ): Promise<Registration> {
    return this.#change(ref, registration(candidate, options), signal);
  }

  find(ref: SchemaRef, selector: VersionSelector, ending: Ending): Promise<SchemaFound | undefined> {
    const signal = abortSignalOf(ending);
    if (selector.by === 'active') return this.#findActive(ref, signal);
    return this.#onHead(ref, signal, async (head) => {
      if (selector.by === 'version' && !hasVersion(head, selector.version)) return undefined;
      const version =
        selector.by === 'version'
          ? await this.#archive.version(head, selector.version, signal)
          : await this.#archive.newest(head, selector.fingerprint, signal);
      return version ? { record: recordOf(ref, head), version } : 'missing';
    });
  }

  versions(
    ref: SchemaRef,
    { after, limit }: { readonly after: number; readonly limit: number },
    ending: Ending,
  ): Promise<{ readonly versions: readonly SchemaVersion[]; readonly hasMore: boolean } | undefined> {
    const signal = abortSignalOf(ending);
    return this.#onHead(ref, signal, async (head, last) => {
      const numbers: number[] = [];
      for (let n = after + 1; n <= head.active.version && numbers.length <= limit; n++) {
        if (hasVersion(head, n)) numbers.push(n);
      }
      const page = numbers.slice(0, limit);
      const versions = await this.#archive.some(head, page, signal);
      if (versions.length < page.length && !last) return 'missing';
      return { versions, hasMore: numbers.length > limit };
    });
  }

  list(
    namespace: string,
    page: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly records: readonly SchemaRecord[]; readonly hasMore: boolean }> {
    return this.#calls.read(signal, (inner) => this.#heads.list(namespace, page, inner));
  }

  count(namespace: string, signal: Ending): Promise<number> {
    return this.#calls.read(signal, (inner) => this.#heads.count(namespace, inner));
  }

  revert(
    ref: SchemaRef,
    version: number,
    stamp: Pick<SchemaCandidate, 'author' | 'note' | 'createdAt'>,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRecord> {
    return this.#change(ref, reversion(version, stamp, requestId), signal);
  }

  remove(
    ref: SchemaRef,
    what: 'active' | 'all',
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRemoval | undefined> {
    return this.#change(ref, removal(what, requestId, this.#removals), signal);
  }

  ping(signal: Ending): Promise<void> {
    return this.#calls.read(signal, (inner) => this.#link.ping(inner));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls.close();
  }

  #change<T>(ref: SchemaRef, change: SchemaChange<T>, signal: Ending): Promise<T> {
    return this.#changes.submit(ref, change, abortSignalOf(signal)) as Promise<T>;
  }

  #findActive(ref: SchemaRef, signal: Ending): Promise<SchemaFound | undefined> {
    return this.#calls.read(signal, async (inner) => {
      const record = await this.#heads.record(ref, inner);
      return record && { record, version: record.active };
    });
  }

  /**
   * A name may be removed between the reads of its head and of its archive: then the head is read once more. What is
   * missing still, somebody else has taken out of the archive.
   */
  async #onHead<T>(
    ref: SchemaRef,
    signal: Ending,
    look: (head: SchemaHead, last: boolean) => Promise<T | 'missing' | undefined>,
  ): Promise<T | undefined> {
    for (const last of [false, true]) {
      const head = await this.#calls.read(signal, (inner) => this.#heads.find(ref, inner));
      const found = head && (await look(head, last));
      if (found !== 'missing') return found;
    }
    return undefined;
  }
}
