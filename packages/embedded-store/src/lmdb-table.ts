/** A table as a named LMDB database: binary keys, MessagePack values. */
import { failure } from '@connections/runtime/errors';
import type { Database, RootDatabase } from 'lmdb';
import type { KeyRange, Table } from './embedded-store.ts';

/** Keys read at a time while walking a range. */
const chunkKeys = 128;

/** What a table must know of its store: LMDB crashes when it is used after it was closed. */
export interface TableGate {
  readonly closed: boolean;
  readonly writing: boolean;
}

export class LmdbTable<Value> implements Table<Value> {
  readonly #database: Database<Value, Uint8Array>;
  readonly #gate: TableGate;

  constructor(root: RootDatabase, name: string, gate: TableGate) {
    // Records as objects, everything keyed by a caller as Map: `mapsAsObjects` would lose the key `__proto__`.
    const options = { encoding: 'msgpack', keyEncoding: 'binary', mapsAsObjects: false } as const;
    this.#database = root.openDB<Value, Uint8Array>(name, options);
    this.#gate = gate;
  }

  get(key: Uint8Array): Value | undefined {
    this.#checkOpen();
    return this.#database.get(key);
  }

  has(key: Uint8Array): boolean {
    this.#checkOpen();
    return this.#database.doesExist(key);
  }

  put(key: Uint8Array, value: Value): void {
    this.#checkWriting();
    this.#database.putSync(key, value);
  }

  remove(key: Uint8Array): boolean {
    this.#checkWriting();
    return this.#database.removeSync(key);
  }

  *entries(range: KeyRange): Generator<{ readonly key: Uint8Array; readonly value: Value }> {
    for (const key of this.keys(range)) {
      const value = this.get(key);
      if (value !== undefined) yield { key, value };
    }
  }

  /**
   * Walks in chunks, each with a cursor of its own: the caller may change the table on the way, and a walk that is
   * given up in the middle pins no snapshot.
   */
  *keys(range: KeyRange): Generator<Uint8Array> {
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    let rest = range;
    while (left > 0) {
      const limit = Math.min(left, chunkKeys);
      const chunk = this.#chunk(rest, limit);
      yield* chunk;
      left -= chunk.length;
      const last = chunk.at(-1);
      if (!last || chunk.length < limit) return;
      rest = range.reverse ? { ...range, end: last } : { ...range, start: Buffer.concat([last, zeroByte]) };
    }
  }

  /** Bytes of the pages that hold the table, at a cost that does not grow with it. */
  bytes(): number {
    this.#checkOpen();
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#pages();
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  #chunk({ start, end, reverse }: KeyRange, limit: number): Uint8Array[] {
    this.#checkOpen();
    // LMDB knows no empty key: a range from there begins at the beginning.
    const first = start?.length ? start : undefined;
    const walk = reverse
      ? {
          ...(end && { start: end, exclusiveStart: true }),
          ...(first && { end: first, inclusiveEnd: true }),
          reverse,
        }
      : { ...(first && { start: first }), ...(end && { end }) };
    return [...this.#database.getKeys({ ...walk, limit })];
  }

  #pages(): TablePages {
    // The typings leave these out; `getStats()` would add the statistics of the whole environment each time.
    const database = this.#database as unknown as LmdbHandles;
    // Outside of a write: without it the handle would look at an old state, and keep its pages from being used again.
    database.ensureReadTxn();
    return database.db.stat();
  }

  #checkOpen(): void {
    if (this.#gate.closed) throw failure('CLOSED', { resource: 'store' });
  }

  #checkWriting(): void {
    if (!this.#gate.writing) throw new Error('a table is changed inside a write only');
  }
}

const zeroByte = Buffer.alloc(1);

interface LmdbHandles {
  /** Begins a read that ends with this turn of the loop; nothing inside of a write. */
  ensureReadTxn(): void;
  readonly db: { stat(): TablePages };
}

interface TablePages {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}
