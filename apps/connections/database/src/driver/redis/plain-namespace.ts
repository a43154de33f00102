/**
 * The default namespace: plain strings under the caller's keys, as the first implementation wrote and reads them. Others
 * write here too, so that no index could be true: a list looks at every key of the database by SCAN.
 */
import { isUtf8 } from 'node:buffer';
import { type Clock, type Ending, limits } from '@connections/runtime';
import { isReservedKey } from '../../domain/reserved-keys.ts';
import type { CacheEntry, CachePage, CacheRange } from '../../port/cache.ts';
import { lookAtPlain, readPlain } from './cache-scripts.ts';
import { LowestKeys } from './lowest-keys.ts';
import { PageRoom } from './page-room.ts';
import type { RedisCalls } from './redis-calls.ts';
import type { Reply } from './redis-connection.ts';

/** What one step of SCAN looks at: it holds up everybody else on that server. */
const scanCount = '500';
/** Keys of a page in one step, and bytes of their values: what else is under way waits behind them. */
const keysPerRead = 256;
const bytesPerRead = 1_048_576;
/** Keys kept beside those of a page, for those that are gone before they are read: without one left, SCAN begins anew. */
const spareKeys = 256;
const longestLifeMs = limits.maxTtlSeconds * 1_000;

/** An entry without its value. */
interface Seen {
  readonly key: string;
  readonly valueBytes: number;
  readonly expiresAt: number;
}

export class PlainNamespace {
  readonly #calls: RedisCalls;
  readonly #clock: Clock;

  constructor(calls: RedisCalls, clock: Clock) {
    this.#calls = calls;
    this.#clock = clock;
  }

  async get(keys: readonly string[], signal: Ending): Promise<readonly (CacheEntry | undefined)[]> {
    const [key] = keys;
    if (key !== undefined && keys.length === 1) {
      const [value, expiry] = (await this.#calls.run(readPlain, [key], [], signal)) as readonly Reply[];
      return [this.#entry(key, value, expiry)];
    }
    this.#calls.check(signal);
    const found = new Map<string, CacheEntry | undefined>();
    await this.#bySlot(keys, async (group) => {
      const replies = (await this.#calls.run(readPlain, group, [], signal)) as readonly Reply[];
      for (const [at, each] of group.entries()) {
        found.set(each, this.#entry(each, replies[2 * at], replies[2 * at + 1]));
      }
    });
    return keys.map((each) => found.get(each));
  }

  async set(entries: readonly CacheEntry[], signal: Ending): Promise<void> {
    this.#calls.check(signal);
    const writes = entries.map(({ key, value, expiresAt }) => {
      if (expiresAt <= this.#clock.now()) return this.#calls.write(key, ['UNLINK', key], signal);
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      const expiry = String(expiresAt + this.#calls.servers.clockOffsetMs(key));
      return this.#calls.write(key, ['SET', key, bytes, 'PXAT', expiry], signal);
    });
    await (writes.length === 1 ? writes[0] : Promise.all(writes));
  }

  async delete(keys: readonly string[], signal: Ending): Promise<number> {
    this.#calls.check(signal);
    const counts = await this.#bySlot(keys, (group) =>
      this.#calls.write(group[0], ['UNLINK', ...group], signal),
    );
    return counts.reduce<number>((sum, count) => sum + Number(count), 0);
  }

  async list(range: CacheRange, signal: Ending): Promise<CachePage> {
    const { seen, hasMore } = await this.#choose(range, signal);
    if (range.keysOnly) {
      const entries = seen.map(({ key, expiresAt }) => ({ key, value: new Uint8Array(), expiresAt }));
      return { entries, hasMore };
    }
    const room = new PageRoom(range);
    const entries: CacheEntry[] = [];
    for await (const entry of this.#read(seen, signal)) {
      // It may have grown since it was chosen.
      if (!room.take(Buffer.byteLength(entry.key) + entry.value.length)) return { entries, hasMore: true };
      entries.push(entry);
    }
    // All of them may have gone: a page that has more after it holds at least one.
    const last = seen.at(-1)?.key;
    if (hasMore && entries.length === 0) return this.list({ ...range, after: last }, signal);
    return { entries, hasMore };
  }

  /** Not at one moment; whatever is left when the signal aborts, the next clear removes. */
  async clear(signal: Ending): Promise<void> {
    for await (const keys of this.#scan('', signal)) {
      await this.delete(keys.map(String), signal);
    }
  }

  /** What belongs on a page, by the sizes of the values alone. */
  async #choose(
    range: CacheRange,
    signal: Ending,
  ): Promise<{ readonly seen: readonly Seen[]; readonly hasMore: boolean }> {
    const room = new PageRoom(range);
    const chosen: Seen[] = [];
    let { after } = range;
    for (;;) {
      const limit = room.entries + spareKeys;
      const keys = await this.#lowestKeys({ ...range, after, limit }, signal);
      for (let start = 0; start < keys.length; start += keysPerRead) {
        for (const seen of await this.#lookAt(keys.slice(start, start + keysPerRead), signal)) {
          const bytes = Buffer.byteLength(seen.key) + (range.keysOnly ? 0 : seen.valueBytes);
          if (!room.take(bytes)) return { seen: chosen, hasMore: true };
          chosen.push(seen);
        }
      }
      if (keys.length < limit) return { seen: chosen, hasMore: false };
      after = keys.at(-1);
    }
  }

  async #lowestKeys(
    { prefix, after, limit, accept }: CacheRange,
    signal: Ending,
  ): Promise<readonly string[]> {
    const lowest = new LowestKeys(limit);
    const from = after === undefined ? undefined : Buffer.from(after);
    for await (const keys of this.#scan(prefix, signal)) {
      for (const key of keys) {
        if (from && Buffer.compare(key, from) <= 0) continue;
        if (!accept || accept(key.toString())) lowest.add(key);
      }
    }
    return lowest.sorted();
  }

  /** The cache's keys, some more than once. Keys that are no text are not ours: the port could not name them. */
  async *#scan(prefix: string, signal: Ending): AsyncIterable<readonly Buffer[]> {
    const pattern = `${prefix.replace(/[*?[\]\\^-]/g, '\\$&')}*`;
    for (const master of await this.#calls.masters(signal)) {
      let cursor = '0';
      do {
        const step = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', scanCount, 'TYPE', 'string'];
        const [next, keys] = (await this.#calls.readFrom(master, step, signal)) as [Reply, readonly Buffer[]];
        yield keys.filter((key) => isUtf8(key) && !isReservedKey(key.toString()));
        cursor = String(next);
      } while (cursor !== '0');
    }
  }

  /** Those of the keys that still have an entry, in their order. */
  async #lookAt(keys: readonly string[], signal: Ending): Promise<readonly Seen[]> {
    const found = new Map<string, Seen>();
    await this.#bySlot(keys, async (group) => {
      const replies = (await this.#calls.run(lookAtPlain, group, [], signal)) as readonly number[];
      for (const [at, key] of group.entries()) {
        const expiry = replies[2 * at] ?? -2;
        const valueBytes = replies[2 * at + 1] ?? 0;
        if (expiry !== -2) found.set(key, { key, valueBytes, expiresAt: this.#expiryOf(key, expiry) });
      }
    });
    return keys.flatMap((key) => found.get(key) ?? []);
  }

  /** Those that are still there, in their order. */
  async *#read(chosen: readonly Seen[], signal: Ending): AsyncIterable<CacheEntry> {
    for (let start = 0; start < chosen.length; ) {
      const room = new PageRoom({ limit: keysPerRead, maxBytes: bytesPerRead });
      let end = start;
      while (end < chosen.length && room.take(chosen[end]?.valueBytes ?? 0)) end++;
      const keys = chosen.slice(start, end).map(({ key }) => key);
      for (const entry of await this.get(keys, signal)) if (entry) yield entry;
      start = end;
    }
  }

  #entry(key: string, value: Reply | undefined, expiry: Reply | undefined): CacheEntry | undefined {
    if (!Buffer.isBuffer(value)) return undefined;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { key, value: bytes, expiresAt: this.#expiryOf(key, Number(expiry)) };
  }

  /** Without one somebody else wrote the entry: it is given the longest life that the services give, from now on. */
  #expiryOf(key: string, expiry: number): number {
    if (expiry < 0) return this.#clock.now() + longestLifeMs;
    return expiry - this.#calls.servers.clockOffsetMs(key);
  }

  /** Calls for the keys of each slot, each key once; all slots at a time. */
  #bySlot<T>(
    keys: readonly string[],
    call: (group: readonly [string, ...string[]]) => Promise<T>,
  ): Promise<T[]> {
    const groups = new Map<number, [string, ...string[]]>();
    for (const key of new Set(keys)) {
      const slot = this.#calls.servers.slotOf(key);
      const group = groups.get(slot);
      if (group) group.push(key);
      else groups.set(slot, [key]);
    }
    return Promise.all([...groups.values()].map(call));
  }
}
