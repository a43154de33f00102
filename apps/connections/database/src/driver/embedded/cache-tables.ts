/** How cache entries lie in the store, and the changes that keep their tables in step. */
import { type EmbeddedStore, successor, type Table, tupleKey } from '@connections/embedded-store';
import type { CacheEntry } from '../../port/cache.ts';
import { Sequence } from './sequence.ts';

interface StoredEntry {
  readonly expiresAt: number;
  /** Known without reading the value, which lists of keys never do. */
  readonly valueBytes: number;
}

/**
 * Every namespace has a generation, under which its entries are kept: clearing gives it another and leaves the entries
 * of the old one to the sweeper. Methods that change something run inside a write.
 */
export class CacheTables {
  /** Namespace -> generation. */
  readonly #generations: Table<number>;
  /** Generation and key -> entry, and in a table of its own its value. */
  readonly #entries: Table<StoredEntry>;
  readonly #values: Table<Uint8Array>;
  /** Expiry, generation and key. */
  readonly #expiries: Table<true>;
  /** Generations that were cleared and still have entries. */
  readonly #cleared: Table<true>;
  readonly #sequence: Sequence;

  constructor(store: EmbeddedStore) {
    this.#generations = store.table('cache-generations');
    this.#entries = store.table('cache-entries');
    this.#values = store.table('cache-values');
    this.#expiries = store.table('cache-expiries');
    this.#cleared = store.table('cache-cleared');
    this.#sequence = new Sequence(store, 'cache-generation');
  }

  /** What the keys of a namespace start with; undefined when nothing was ever set in it. */
  prefixOf(namespace: string): Uint8Array | undefined {
    const generation = this.#generations.get(tupleKey(namespace));
    return generation === undefined ? undefined : tupleKey(generation);
  }

  prefixForWrite(namespace: string): Uint8Array {
    const prefix = this.prefixOf(namespace);
    if (prefix) return prefix;
    const generation = this.#sequence.next();
    this.#generations.put(tupleKey(namespace), generation);
    return tupleKey(generation);
  }

  entry(id: Uint8Array): StoredEntry | undefined {
    return this.#entries.get(id);
  }

  value(id: Uint8Array): Uint8Array {
    const bytes = this.#values.get(id);
    // A Buffer as it comes, which compares unequal to the bytes that were set.
    return bytes ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array();
  }

  entries(
    start: Uint8Array,
    end: Uint8Array,
  ): Iterable<{ readonly key: Uint8Array; readonly value: StoredEntry }> {
    return this.#entries.entries({ start, end });
  }

  put(id: Uint8Array, { value, expiresAt }: CacheEntry): void {
    const before = this.#entries.get(id);
    if (before) this.#expiries.remove(expiryKey(before, id));
    const entry = { expiresAt, valueBytes: value.byteLength };
    this.#entries.put(id, entry);
    this.#values.put(id, value);
    this.#expiries.put(expiryKey(entry, id), true);
  }

  /** The entry that was there. */
  remove(id: Uint8Array): StoredEntry | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    this.#entries.remove(id);
    this.#values.remove(id);
    this.#expiries.remove(expiryKey(entry, id));
    return entry;
  }

  clear(namespace: string): void {
    const prefix = this.prefixOf(namespace);
    if (!prefix) return;
    this.#generations.remove(tupleKey(namespace));
    this.#cleared.put(prefix, true);
  }

  /** Epoch milliseconds at which the next entry expires. */
  nextExpiry(): number | undefined {
    const [first] = this.#expiries.keys({ limit: 1 });
    return first && Number(Buffer.from(first).readBigUInt64BE(0));
  }

  hasCleared(): boolean {
    const [first] = this.#cleared.keys({ limit: 1 });
    return first !== undefined;
  }

  /** Removes up to `limit` entries that had expired at `now` or were cleared; how many it removed. */
  sweep(now: number, limit: number): number {
    let removed = 0;
    for (const expiry of this.#expiries.keys({ end: tupleKey(now + 1), limit })) {
      this.remove(expiry.subarray(8));
      removed++;
    }
    for (const generation of this.#cleared.keys({ limit: 1 })) {
      const ids = this.#entries.keys({
        start: generation,
        end: successor(generation),
        limit: limit - removed,
      });
      const before = removed;
      for (const id of ids) {
        this.remove(id);
        removed++;
      }
      if (removed - before < limit - before) this.#cleared.remove(generation);
    }
    return removed;
  }
}

function expiryKey({ expiresAt }: StoredEntry, id: Uint8Array): Uint8Array {
  return Buffer.concat([tupleKey(expiresAt), id]);
}
