/** The cache port as clients of v1 have it, so that its clauses run through the wire. */
import { type Channel, createClient } from '@connections/grpc';
import { cacheService } from '@connections/proto-utils';
import type { Entry } from '@connections/proto-utils/v1/cache';
import { abortSignalOf, limits } from '@connections/runtime';
import type { Cache, CacheCapabilities, CacheEntry } from '../src/port/cache.ts';
import { given, PageTokens } from './wire-replies.ts';

/** No clause gives less, but a clock that runs moves on between the clause's look at it and ours. */
const leastTtlMs = limits.minTtlSeconds * 1_000;

/** Expiries travel as the time that is left by `now`, the clock of the service. */
export function wireCache(channel: Channel, capabilities: CacheCapabilities, now: () => number): Cache {
  const client = createClient(cacheService, channel);
  const tokens = new PageTokens();
  return {
    capabilities,
    get: (namespace, keys, signal) =>
      Promise.all(
        keys.map(async (key) => {
          const { entry } = await client.get({ namespace, key }, { signal: abortSignalOf(signal) });
          return entry && toEntry(entry);
        }),
      ),
    async set(namespace, entries, signal) {
      const writes = entries.map(({ key, value, expiresAt }) =>
        client.set(
          { namespace, key, value, ttl: duration(Math.max(leastTtlMs, expiresAt - now())) },
          { signal: abortSignalOf(signal) },
        ),
      );
      await Promise.all(writes);
    },
    async delete(namespace, keys, signal) {
      return (await client.delete({ namespace, keys }, { signal: abortSignalOf(signal) })).deleted;
    },
    async list(namespace, { prefix, after, limit, keysOnly }, signal) {
      const listing = [namespace, prefix, keysOnly];
      const pageToken = after === undefined ? '' : tokens.of(listing, after);
      const request = { namespace, prefix, pageSize: limit, pageToken, keysOnly };
      const reply = await client.list(request, { signal: abortSignalOf(signal) });
      const entries = reply.entries.map(toEntry);
      if (reply.nextPageToken) tokens.remember(listing, entries.at(-1)?.key, reply.nextPageToken);
      return { entries, hasMore: reply.nextPageToken !== '' };
    },
    async clear(namespace, signal) {
      await client.clear({ namespace }, { signal: abortSignalOf(signal) });
    },
    async ping(signal) {
      await client.get({ key: 'ping' }, { signal: abortSignalOf(signal) });
    },
    [Symbol.asyncDispose]: async () => channel.close(),
  };
}

function toEntry({ key, value, expireTime }: Entry): CacheEntry {
  return { key, value, expiresAt: given(expireTime, 'expire_time').getTime() };
}

function duration(ms: number) {
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.round(ms - seconds * 1_000) * 1_000_000 };
}
