/** The cache port on the embedded store. */
import { type EmbeddedStore, successor } from '@connections/embedded-store';
import { type Clock, type Ending, nextTurn } from '@connections/runtime';
import type { Cache, CacheEntry, CachePage, CacheRange } from '../../port/cache.ts';
import { CacheSweeper } from './cache-sweeper.ts';
import { CacheTables } from './cache-tables.ts';
import { KnownPrefixes } from './known-prefixes.ts';
import { PortGate } from './port-gate.ts';

/** Bytes of its generation before the key in an entry's id. */
const prefixBytes = 8;
/** Entries that a page looks at between two turns. */
const entriesPerTurn = 512;

export class EmbeddedCache implements Cache {
  readonly capabilities = { durable: true, expiryResolutionMs: 0 };
  readonly #clock: Clock;
  readonly #gate: PortGate;
  readonly #tables: CacheTables;
  readonly #prefixes = new KnownPrefixes();
  readonly #sweeper: CacheSweeper;

  constructor(store: EmbeddedStore, clock: Clock) {
    this.#clock = clock;
    this.#gate = new PortGate(store, 'cache');
    this.#tables = new CacheTables(store);
    this.#sweeper = new CacheSweeper(store, this.#tables, clock);
  }

  get(
    namespace: string,
    keys: readonly string[],
    signal: Ending,
  ): Promise<readonly (CacheEntry | undefined)[]> {
    return this.#gate.read(signal, () => {
      const prefix = this.#prefixOf(namespace);
      return keys.map((key) => prefix && this.#find(prefix, key));
    });
  }

  async set(namespace: string, entries: readonly CacheEntry[], signal: Ending): Promise<void> {
    await this.#gate.write(signal, () => {
      const prefix = this.#tables.prefixForWrite(namespace);
      for (const entry of entries) {
        const id = idOf(prefix, entry.key);
        if (entry.expiresAt > this.#clock.now()) this.#tables.put(id, entry);
        else this.#tables.remove(id);
      }
    });
    for (const { expiresAt } of entries) this.#sweeper.wakeAt(expiresAt);
  }

  delete(namespace: string, keys: readonly string[], signal: Ending): Promise<number> {
    const change = () => {
      const prefix = this.#tables.prefixOf(namespace);
      if (!prefix) return 0;
      const removed = keys.map((key) => this.#tables.remove(idOf(prefix, key)));
      return removed.filter((entry) => entry && entry.expiresAt > this.#clock.now()).length;
    };
    return this.#gate.write(signal, change, { frees: true });
  }

  list(namespace: string, range: CacheRange, signal: Ending): Promise<CachePage> {
    return this.#gate.read(signal, () => {
      const prefix = this.#prefixOf(namespace);
      return prefix ? this.#page(prefix, range, signal) : { entries: [], hasMore: false };
    });
  }

  async clear(namespace: string, signal: Ending): Promise<void> {
    await this.#prefixes.duringClear(() =>
      this.#gate.write(signal, () => this.#tables.clear(namespace), { frees: true }),
    );
    this.#sweeper.wakeAt(this.#clock.now());
  }

  ping(signal: Ending): Promise<void> {
    return this.#gate.read(signal, () => void this.#tables.hasCleared());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.close();
    await this.#sweeper.stop();
  }

  #prefixOf(namespace: string): Uint8Array | undefined {
    return this.#prefixes.find(namespace, (name) => this.#tables.prefixOf(name));
  }

  #find(prefix: Uint8Array, key: string): CacheEntry | undefined {
    const id = idOf(prefix, key);
    const entry = this.#tables.entry(id);
    if (!entry || entry.expiresAt <= this.#clock.now()) return undefined;
    return { key, value: this.#tables.value(id), expiresAt: entry.expiresAt };
  }

  async #page(
    prefix: Uint8Array,
    { prefix: keyPrefix, after, limit, maxBytes, keysOnly, accept }: CacheRange,
    signal: Ending,
  ): Promise<CachePage> {
    const first = idOf(prefix, keyPrefix);
    const next = after === undefined ? first : Buffer.concat([idOf(prefix, after), Buffer.alloc(1)]);
    const start = Buffer.compare(first, next) > 0 ? first : next;
    const entries: CacheEntry[] = [];
    let bytes = 0;
    let looked = 0;
    for (const { key: id, value: entry } of this.#tables.entries(start, successor(first))) {
      const key = Buffer.from(id).toString('utf8', prefixBytes);
      if (entry.expiresAt > this.#clock.now() && (!accept || accept(key))) {
        bytes += id.byteLength - prefixBytes + (keysOnly ? 0 : entry.valueBytes);
        if (entries.length >= limit || (entries.length > 0 && bytes > maxBytes))
          return { entries, hasMore: true };
        const value = keysOnly ? new Uint8Array() : this.#tables.value(id);
        entries.push({ key, value, expiresAt: entry.expiresAt });
      }
      looked++;
      // Last: what an entry holds is read in the turn in which it was found.
      if (looked % entriesPerTurn === 0) await nextTurn(signal);
    }
    return { entries, hasMore: false };
  }
}

function idOf(prefix: Uint8Array, key: string): Uint8Array {
  const id = Buffer.allocUnsafe(prefix.length + Buffer.byteLength(key));
  id.set(prefix);
  id.write(key, prefix.length);
  return id;
}
