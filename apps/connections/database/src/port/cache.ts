/** The cache port: byte values under text keys, each with an absolute expiry. */
import type { Ending } from '../domain/call-ending.ts';

export interface CacheEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Epoch milliseconds from which the entry is gone. */
  readonly expiresAt: number;
}

export interface CacheRange {
  readonly prefix: string;
  /** Entries whose key comes after this one, in the order of UTF-8 bytes. */
  readonly after: string | undefined;
  /** At most this many entries. */
  readonly limit: number;
  /** Stops before the page's keys and values pass this many bytes; one entry is always returned. */
  readonly maxBytes: number;
  /** Leaves values empty, where a driver then need not read them. */
  readonly keysOnly: boolean;
  /** A key that it refuses is passed over: in no page, and no part of its bounds. @default takes every key */
  readonly accept?: (key: string) => boolean;
}

export interface CachePage {
  readonly entries: readonly CacheEntry[];
  /** There are more entries after the last of this page. */
  readonly hasMore: boolean;
}

export interface CacheCapabilities {
  /** Acknowledged entries survive a kill of the process that holds them. */
  readonly durable: boolean;
  /** An entry is gone at most this long after its expiry. */
  readonly expiryResolutionMs: number;
}

/**
 * Keys, namespaces and bounds are validated before they come here. Keys are compared byte by byte. A resolved write
 * is visible to every later read. Rejects with UNAVAILABLE when the store cannot be reached, RESOURCE_EXHAUSTED when
 * it is full, the signal's reason when that aborts; after `close`, FAILED_PRECONDITION.
 */
export interface Cache extends AsyncDisposable {
  readonly capabilities: CacheCapabilities;
  /** Entries in the order of the keys; undefined for a key that has none or an expired one. */
  get(
    namespace: string,
    keys: readonly string[],
    signal: Ending,
  ): Promise<readonly (CacheEntry | undefined)[]>;
  /** Writes all entries, replacing value and expiry. An expiry that has passed leaves no entry. */
  set(namespace: string, entries: readonly CacheEntry[], signal: Ending): Promise<void>;
  /** Removes entries; resolves with how many were there and had not expired. */
  delete(namespace: string, keys: readonly string[], signal: Ending): Promise<number>;
  /** The unexpired entries of a range, in the order of the keys' UTF-8 bytes. */
  list(namespace: string, range: CacheRange, signal: Ending): Promise<CachePage>;
  /**
   * Removes all entries of a namespace. What is set meanwhile is kept whole or removed. A driver may remove them one after
   * the other, at a cost that grows with their number: readers may see it half done, and one that rejects may have begun.
   */
  clear(namespace: string, signal: Ending): Promise<void>;
  ping(signal: Ending): Promise<void>;
}
