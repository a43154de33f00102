/** The cache as both APIs use it: checks requests, fills in defaults, pages. */
import { type Clock, type Ending, limits, nextTurn } from '@connections/runtime';
import { RequestCheck } from '@connections/runtime/errors';
import { pagePosition, pageToken } from '../domain/page-token.ts';
import { isReservedKey } from '../domain/reserved-keys.ts';
import type { Cache, CacheEntry } from '../port/cache.ts';

export interface CacheServiceOptions {
  readonly cache: Cache;
  readonly clock: Clock;
  /** Of entries written without a TTL. */
  readonly defaultTtlSeconds: number;
  readonly maxValueBytes: number;
}

export interface CacheWrite {
  readonly key: string;
  readonly value: Uint8Array;
  /** The default when undefined. May have a fraction. */
  readonly ttlSeconds: number | undefined;
}

export interface CacheListing {
  readonly prefix: string;
  /** The default when 0. */
  readonly pageSize: number;
  /** Empty for the first page. */
  readonly pageToken: string;
  readonly keysOnly: boolean;
}

export interface CacheScan {
  readonly prefix: string;
  readonly accept: (key: string) => boolean;
  readonly maxEntries: number;
  /** Of the keys and values of the accepted entries together; one entry is always returned. */
  readonly maxBytes: number;
  readonly keysOnly: boolean;
}

/** A request id has no effect here beyond its bound: a repeated mutation is carried out again. */
export class CacheService {
  readonly #cache: Cache;
  readonly #clock: Clock;
  readonly #defaultTtlSeconds: number;
  readonly #maxValueBytes: number;

  constructor(options: CacheServiceOptions) {
    this.#cache = options.cache;
    this.#clock = options.clock;
    this.#defaultTtlSeconds = options.defaultTtlSeconds;
    this.#maxValueBytes = options.maxValueBytes;
  }

  async get(namespace: string, key: string, signal: Ending): Promise<CacheEntry | undefined> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    checkKey(check, 'key', space, key);
    check.done();
    const [entry] = await this.#cache.get(space, [key], signal);
    return entry;
  }

  /** Resolves with the expiry, in epoch milliseconds. */
  async set(
    namespace: string,
    write: CacheWrite,
    signal: Ending,
    requestId?: string | undefined,
  ): Promise<number> {
    const { key, value, ttlSeconds = this.#defaultTtlSeconds } = write;
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    checkKey(check, 'key', space, key);
    check.size('value', value.length, this.#maxValueBytes);
    if (!(ttlSeconds >= limits.minTtlSeconds && ttlSeconds <= limits.maxTtlSeconds)) {
      check.add('ttl', `must be from ${limits.minTtlSeconds} s to ${limits.maxTtlSeconds} s`);
    }
    check.requestId(requestId);
    check.done();
    const expiresAt = this.#clock.now() + Math.round(ttlSeconds * 1_000);
    await this.#cache.set(space, [{ key, value, expiresAt }], signal);
    return expiresAt;
  }

  /** Resolves with how many were there. Takes at most `limits.batch` keys. */
  async delete(
    namespace: string,
    keys: readonly string[],
    signal: Ending,
    requestId?: string | undefined,
  ): Promise<number> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    if (keys.length > limits.batch)
      check.add('keys', `has ${keys.length} keys; the limit is ${limits.batch}`);
    else for (const [index, key] of keys.entries()) checkKey(check, `keys[${index}]`, space, key);
    check.requestId(requestId);
    check.done();
    return keys.length === 0 ? 0 : this.#cache.delete(space, keys, signal);
  }

  /** As `delete`, with any number of keys, a batch at a time; nothing is removed when one of them cannot be a key. */
  async deleteAll(namespace: string, keys: readonly string[], signal: Ending): Promise<number> {
    for (let start = 0; start < keys.length; start += limits.batch) {
      const check = new RequestCheck();
      const space = check.namespace(namespace);
      for (const [index, key] of keys.slice(start, start + limits.batch).entries()) {
        checkKey(check, `keys[${start + index}]`, space, key);
      }
      check.done();
      await nextTurn(signal);
    }
    let count = 0;
    for (let start = 0; start < keys.length; start += limits.batch) {
      count += await this.delete(namespace, keys.slice(start, start + limits.batch), signal);
    }
    return count;
  }

  async list(
    namespace: string,
    listing: CacheListing,
    signal: Ending,
  ): Promise<{ readonly entries: readonly CacheEntry[]; readonly nextPageToken: string }> {
    const { prefix, keysOnly } = listing;
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.label('prefix', prefix, limits.keyBytes);
    const limit = check.pageSize(listing.pageSize);
    check.done();
    const filter = ['cache', space, prefix, String(keysOnly)];
    const after = pagePosition(filter, listing.pageToken);
    const range = { prefix, after, limit, maxBytes: limits.pageBytes, keysOnly };
    const { entries, hasMore } = await this.#cache.list(space, range, signal);
    const last = entries.at(-1);
    return { entries, nextPageToken: hasMore && last ? pageToken(filter, last.key) : '' };
  }

  /** The accepted entries up to a bound: `truncated`. One page of any length, for a driver may look at every key for each. */
  async scan(
    namespace: string,
    { prefix, accept, maxEntries, maxBytes, keysOnly }: CacheScan,
    signal: Ending,
  ): Promise<{ readonly entries: readonly CacheEntry[]; readonly truncated: boolean }> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.label('prefix', prefix, limits.keyBytes);
    check.done();
    const range = { prefix, after: undefined, limit: maxEntries, maxBytes, keysOnly, accept };
    const { entries, hasMore } = await this.#cache.list(space, range, signal);
    return { entries, truncated: hasMore };
  }

  async clear(namespace: string, signal: Ending, requestId?: string | undefined): Promise<void> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.requestId(requestId);
    check.done();
    await this.#cache.clear(space, signal);
  }

  ping(signal: Ending): Promise<void> {
    return this.#cache.ping(signal);
  }
}

/** The default namespace is the wire contract's, whose cache may share a Redis with tasks. */
function checkKey(check: RequestCheck, field: string, namespace: string, key: string): void {
  check.name(field, key, limits.keyBytes);
  if (namespace === 'default' && isReservedKey(key)) check.add(field, 'is reserved in this namespace');
}
