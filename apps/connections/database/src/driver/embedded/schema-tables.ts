/** How schemas lie in the store, and the changes that keep their tables in step. */
import {
  type EmbeddedStore,
  type KeyRange,
  type Table,
  tupleKey,
  tupleRange,
} from '@connections/embedded-store';
import type { SchemaAnswer } from '../../domain/schema-answers.ts';
import type { SchemaHistory } from '../../domain/schema-history.ts';
import type { SchemaRecord, SchemaRef, SchemaVersion } from '../../port/schemas.ts';

export interface StoredSchema extends SchemaHistory {
  readonly id: string;
  /** How the newest requests with an id were answered. */
  readonly answers: readonly SchemaAnswer[];
}

/** Methods that change something run inside a write. */
export class SchemaTables {
  /** Namespace and name -> the name's head, the active version in it. */
  readonly #heads: Table<StoredSchema>;
  /** Namespace, name and number -> version, the active one too. */
  readonly #versions: Table<SchemaVersion>;
  /** Namespace, name, fingerprint and number. */
  readonly #fingerprints: Table<true>;
  /** Namespace -> how many names it has. */
  readonly #counts: Table<number>;

  constructor(store: EmbeddedStore) {
    this.#heads = store.table('schemas');
    this.#versions = store.table('schema-versions');
    this.#fingerprints = store.table('schema-fingerprints');
    this.#counts = store.table('schema-counts');
  }

  head({ namespace, name }: SchemaRef): StoredSchema | undefined {
    return this.#heads.get(tupleKey(namespace, name));
  }

  version({ namespace, name }: SchemaRef, number: number): SchemaVersion | undefined {
    return this.#versions.get(tupleKey(namespace, name, number));
  }

  /** The newest version with this content. */
  byFingerprint(ref: SchemaRef, fingerprint: string): SchemaVersion | undefined {
    const range = tupleRange([ref.namespace, ref.name, fingerprint]);
    for (const key of this.#fingerprints.keys({ ...range, reverse: true, limit: 1 })) {
      return this.version(ref, Number(Buffer.from(key.subarray(-8)).readBigUInt64BE()));
    }
    return undefined;
  }

  /** Up to `limit` versions with a number greater than `after`, oldest first. */
  versionsAfter({ namespace, name }: SchemaRef, after: number, limit: number): readonly SchemaVersion[] {
    const range = { ...tupleRange([namespace, name]), start: tupleKey(namespace, name, after + 1), limit };
    return [...this.#versions.entries(range)].map(({ value }) => value);
  }

  /** The newest version below a number. */
  versionBefore({ namespace, name }: SchemaRef, number: number): SchemaVersion | undefined {
    const range = { ...tupleRange([namespace, name]), end: tupleKey(namespace, name, number) };
    const [found] = this.#versions.entries({ ...range, reverse: true, limit: 1 });
    return found?.value;
  }

  *records(namespace: string, range: KeyRange): Generator<SchemaRecord> {
    const prefixBytes = tupleKey(namespace).byteLength;
    for (const { key, value } of this.#heads.entries(range)) {
      const name = Buffer.from(key.subarray(prefixBytes, -1)).toString();
      yield recordOf({ namespace, name }, value);
    }
  }

  count(namespace: string): number {
    return this.#counts.get(tupleKey(namespace)) ?? 0;
  }

  /** Adds a name, without a version yet. */
  addName(ref: SchemaRef, head: StoredSchema): void {
    this.putHead(ref, head);
    this.#count(ref.namespace, 1);
  }

  putHead({ namespace, name }: SchemaRef, head: StoredSchema): void {
    this.#heads.put(tupleKey(namespace, name), head);
  }

  addVersion({ namespace, name }: SchemaRef, version: SchemaVersion): void {
    this.#versions.put(tupleKey(namespace, name, version.version), version);
    this.#fingerprints.put(tupleKey(namespace, name, version.fingerprint, version.version), true);
  }

  removeVersion({ namespace, name }: SchemaRef, { version, fingerprint }: SchemaVersion): void {
    this.#versions.remove(tupleKey(namespace, name, version));
    this.#fingerprints.remove(tupleKey(namespace, name, fingerprint, version));
  }

  /** Removes the name with all its versions, which are 1 000 at most. */
  removeName({ namespace, name }: SchemaRef): void {
    const range = tupleRange([namespace, name]);
    for (const table of [this.#versions, this.#fingerprints]) {
      for (const key of table.keys(range)) table.remove(key);
    }
    this.#heads.remove(tupleKey(namespace, name));
    this.#count(namespace, -1);
  }

  #count(namespace: string, change: number): void {
    const count = this.count(namespace) + change;
    if (count > 0) this.#counts.put(tupleKey(namespace), count);
    else this.#counts.remove(tupleKey(namespace));
  }
}

export function recordOf({ namespace, name }: SchemaRef, { id, active }: StoredSchema): SchemaRecord {
  return { namespace, name, id, active };
}

/** The record as it was answered first, or as it is when that version has gone since. */
export function answeredRecord(
  tables: SchemaTables,
  ref: SchemaRef,
  head: StoredSchema,
  { version }: SchemaAnswer,
): SchemaRecord {
  return recordOf(ref, { ...head, active: tables.version(ref, version) ?? head.active });
}
