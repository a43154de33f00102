/** The schema port on the embedded store. */

import { randomBytes } from 'node:crypto';
import { type EmbeddedStore, tupleKey, tupleRange } from '@connections/embedded-store';
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { answerTo, withAnswer } from '../../domain/schema-answers.ts';
import { begunHistory, extendedHistory, revertedTo, shortenedHistory } from '../../domain/schema-history.ts';
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
import { PortGate } from './port-gate.ts';
import { RemovalMemory } from './removal-memory.ts';
import { answeredRecord, recordOf, SchemaTables, type StoredSchema } from './schema-tables.ts';

export class EmbeddedSchemas implements Schemas {
  readonly capabilities = { durable: true };
  readonly #gate: PortGate;
  readonly #tables: SchemaTables;
  readonly #removals: RemovalMemory<'deleted' | 'unknown'>;

  constructor(store: EmbeddedStore) {
    this.#gate = new PortGate(store, 'schema registry');
    this.#tables = new SchemaTables(store);
    this.#removals = new RemovalMemory(store, 'schema');
  }

  register(
    ref: SchemaRef,
    candidate: SchemaCandidate,
    { mustExist, requestId }: RegisterOptions,
    signal: Ending,
  ): Promise<Registration> {
    return this.#gate.write(signal, () => {
      const head = this.#tables.head(ref);
      if (!head && mustExist) throw failure('SCHEMA_NOT_FOUND', { name: ref.name });
      const first = head && answerTo(head, requestId);
      if (head && first && first.outcome !== 'reverted') {
        return { outcome: first.outcome, record: answeredRecord(this.#tables, ref, head, first) };
      }
      if (head) return this.#extend(ref, head, candidate, requestId);
      // As long and as random as the ids that clients know from MongoDB.
      const id = randomBytes(12).toString('hex');
      const begun = { ...begunHistory(candidate), id, answers: [] };
      this.#tables.addName(ref, withAnswer(begun, requestId, 'created'));
      this.#tables.addVersion(ref, begun.active);
      return { outcome: 'created', record: recordOf(ref, begun) };
    });
  }

  find(ref: SchemaRef, selector: VersionSelector, signal: Ending): Promise<SchemaFound | undefined> {
    return this.#gate.read(signal, () => {
      const head = this.#tables.head(ref);
      const version = head && this.#select(ref, head, selector);
      return head && version && { record: recordOf(ref, head), version };
    });
  }

  versions(
    ref: SchemaRef,
    { after, limit }: { readonly after: number; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly versions: readonly SchemaVersion[]; readonly hasMore: boolean } | undefined> {
    return this.#gate.read(signal, () => {
      if (!this.#tables.head(ref)) return undefined;
      const found = this.#tables.versionsAfter(ref, after, limit + 1);
      return { versions: found.slice(0, limit), hasMore: found.length > limit };
    });
  }

  list(
    namespace: string,
    {
      prefix,
      after,
      limit,
    }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly records: readonly SchemaRecord[]; readonly hasMore: boolean }> {
    return this.#gate.read(signal, () => {
      const { start: first, end } = tupleRange([namespace], prefix);
      const next = after === undefined ? first : Buffer.concat([tupleKey(namespace, after), Buffer.alloc(1)]);
      const start = Buffer.compare(first, next) > 0 ? first : next;
      const found = [...this.#tables.records(namespace, { start, end, limit: limit + 1 })];
      return { records: found.slice(0, limit), hasMore: found.length > limit };
    });
  }

  count(namespace: string, signal: Ending): Promise<number> {
    return this.#gate.read(signal, () => this.#tables.count(namespace));
  }

  revert(
    ref: SchemaRef,
    version: number,
    stamp: Pick<SchemaCandidate, 'author' | 'note' | 'createdAt'>,
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRecord> {
    return this.#gate.write(signal, () => {
      const head = this.#tables.head(ref);
      if (!head) throw failure('SCHEMA_NOT_FOUND', { name: ref.name });
      const first = answerTo(head, requestId);
      if (first) return answeredRecord(this.#tables, ref, head, first);
      const earlier = this.#tables.version(ref, version);
      if (!earlier) throw failure('SCHEMA_VERSION_NOT_FOUND', { name: ref.name });
      return this.#extend(ref, head, revertedTo(earlier, stamp), requestId).record;
    });
  }

  remove(
    ref: SchemaRef,
    what: 'active' | 'all',
    requestId: string | undefined,
    signal: Ending,
  ): Promise<SchemaRemoval | undefined> {
    const change = (): SchemaRemoval | undefined => {
      const identity = [ref.namespace, ref.name];
      const before = this.#removals.recall(identity, requestId);
      if (before) return before === 'deleted' ? { outcome: 'deleted' } : undefined;
      const head = this.#tables.head(ref);
      if (!head) {
        this.#removals.remember(identity, requestId, 'unknown');
        return undefined;
      }
      const first = answerTo(head, requestId);
      if (first) return { outcome: 'reverted', record: answeredRecord(this.#tables, ref, head, first) };
      const previous = what === 'active' && this.#tables.versionBefore(ref, head.active.version);
      if (!previous) {
        this.#tables.removeName(ref);
        this.#removals.remember(identity, requestId, 'deleted');
        return { outcome: 'deleted' };
      }
      this.#tables.removeVersion(ref, head.active);
      const shortened = { ...head, ...shortenedHistory(head, previous) };
      this.#tables.putHead(ref, withAnswer(shortened, requestId, 'reverted'));
      return { outcome: 'reverted', record: recordOf(ref, shortened) };
    };
    return this.#gate.write(signal, change, { frees: true });
  }

  ping(signal: Ending): Promise<void> {
    return this.#gate.read(signal, () => void this.#tables.count(''));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.close();
  }

  /** Inside a write. */
  #extend(
    ref: SchemaRef,
    head: StoredSchema,
    candidate: SchemaCandidate,
    requestId: string | undefined,
  ): Registration {
    const { outcome, history } = extendedHistory(head, ref.name, candidate);
    const extended = withAnswer({ ...head, ...history }, requestId, outcome);
    if (outcome === 'updated') this.#tables.addVersion(ref, extended.active);
    this.#tables.putHead(ref, extended);
    return { outcome, record: recordOf(ref, extended) };
  }

  #select(ref: SchemaRef, head: StoredSchema, selector: VersionSelector): SchemaVersion | undefined {
    if (selector.by === 'active') return head.active;
    return selector.by === 'version'
      ? this.#tables.version(ref, selector.version)
      : this.#tables.byFingerprint(ref, selector.fingerprint);
  }
}
