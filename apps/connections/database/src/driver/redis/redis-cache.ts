/** The cache port on Redis. */
import type { Clock, Ending } from '@connections/runtime';
import type { Cache, CacheCapabilities, CacheEntry, CachePage, CacheRange } from '../../port/cache.ts';
import { IndexedNamespace } from './indexed-namespace.ts';
import { PlainNamespace } from './plain-namespace.ts';
import { RedisCalls } from './redis-calls.ts';
import type { RedisServers } from './redis-servers.ts';
import { clockToleranceMs } from './server-facts.ts';

export class RedisCache implements Cache {
  readonly #servers: RedisServers;
  readonly #calls: RedisCalls;
  readonly #plain: PlainNamespace;

  constructor(servers: RedisServers, clock: Clock) {
    this.#servers = servers;
    this.#calls = new RedisCalls(servers, 'cache');
    this.#plain = new PlainNamespace(this.#calls, clock);
  }

  /** What the servers have said by now: not durable before the first of them has answered. */
  get capabilities(): CacheCapabilities {
    return { durable: this.#servers.durable, expiryResolutionMs: clockToleranceMs };
  }

  get(
    namespace: string,
    keys: readonly string[],
    signal: Ending,
  ): Promise<readonly (CacheEntry | undefined)[]> {
    return this.#in(namespace).get(keys, signal);
  }

  set(namespace: string, entries: readonly CacheEntry[], signal: Ending): Promise<void> {
    return this.#in(namespace).set(entries, signal);
  }

  delete(namespace: string, keys: readonly string[], signal: Ending): Promise<number> {
    return this.#in(namespace).delete(keys, signal);
  }

  list(namespace: string, range: CacheRange, signal: Ending): Promise<CachePage> {
    return this.#in(namespace).list(range, signal);
  }

  clear(namespace: string, signal: Ending): Promise<void> {
    return this.#in(namespace).clear(signal);
  }

  /** Rejects unless every server that holds keys answers. */
  async ping(signal: Ending): Promise<void> {
    const masters = await this.#calls.masters(signal);
    await Promise.all(masters.map((master) => this.#calls.readFrom(master, ['PING'], signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#calls.close();
  }

  #in(namespace: string): PlainNamespace | IndexedNamespace {
    return namespace === 'default' ? this.#plain : new IndexedNamespace(this.#calls, namespace);
  }
}
