/** connections.cache.v1 over the cache service. */
import type { Handlers } from '@connections/grpc';
import type { cacheService } from '@connections/proto-utils';
import type { Entry } from '@connections/proto-utils/v1/cache';
import type { CacheEntry } from '../../port/cache.ts';
import type { CacheService } from '../../service/cache-service.ts';
import { durationSeconds } from './duration.ts';
import { optional } from './optional.ts';

export function createCacheHandler(cache: CacheService): Handlers<typeof cacheService> {
  return {
    async get({ namespace, key }, { ending }) {
      const entry = await cache.get(namespace, key, ending);
      return { entry: entry && toEntry(entry) };
    },

    async set({ namespace, key, value, ttl, requestId }, { ending }) {
      const ttlSeconds = ttl && durationSeconds(ttl);
      const expiresAt = await cache.set(namespace, { key, value, ttlSeconds }, ending, optional(requestId));
      return { expireTime: new Date(expiresAt) };
    },

    async delete({ namespace, keys, requestId }, { ending }) {
      return { deleted: await cache.delete(namespace, keys, ending, optional(requestId)) };
    },

    async list({ namespace, ...listing }, { ending }) {
      const { entries, nextPageToken } = await cache.list(namespace, listing, ending);
      return { entries: entries.map(toEntry), nextPageToken };
    },

    async clear({ namespace, requestId }, { ending }) {
      await cache.clear(namespace, ending, optional(requestId));
      return {};
    },
  };
}

function toEntry({ key, value, expiresAt }: CacheEntry): Entry {
  return { key, value, expireTime: new Date(expiresAt) };
}
