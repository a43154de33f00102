/** The wire contract's cache calls. For them, reserved keys do not exist. */
import { limits } from '@connections/runtime';
import { failure, invalidField } from '@connections/runtime/errors';
import { redisGlob } from '../../domain/redis-glob.ts';
import { isReservedKey } from '../../domain/reserved-keys.ts';
import type { CacheService } from '../../service/cache-service.ts';
import { inBand } from './in-band.ts';
import { type RedisHandlers, wireNamespace } from './wire-part.ts';

const isShown = (key: string): boolean => !isReservedKey(key);

export function createRedisHandler(cache: CacheService): RedisHandlers {
  return {
    async redisGetKeys({ pattern }, call) {
      if (Buffer.byteLength(pattern) > limits.patternBytes) {
        throw invalidField('pattern', `is longer than ${limits.patternBytes} bytes`);
      }
      const { prefix, literal, matches } = redisGlob(pattern);
      if (literal) {
        const found =
          isShown(prefix) && prefix !== '' && (await cache.get(wireNamespace, prefix, call.ending));
        return { keys: found ? [prefix] : [] };
      }
      const accept = (key: string) => isShown(key) && matches(key);
      const scan = {
        prefix,
        accept,
        maxEntries: limits.wireEntries,
        maxBytes: limits.pageBytes,
        keysOnly: true,
      };
      const { entries, truncated } = await cache.scan(wireNamespace, scan, call.ending);
      if (truncated) call.trailers.set('x-truncated', '1');
      return { keys: entries.map(({ key }) => key) };
    },

    redisSet({ key, value, expiration }, call) {
      const set = async () => {
        const write = { key, value: Buffer.from(value), ttlSeconds: ttlSeconds(expiration) };
        await cache.set(wireNamespace, write, call.ending);
        return { success: true };
      };
      return inBand(call, set, () => ({ success: false }));
    },

    async redisGet({ key }, call) {
      const entry = isReservedKey(key) ? undefined : await cache.get(wireNamespace, key, call.ending);
      if (!entry) return { found: false };
      const value = textOf(entry.value);
      if (value === undefined) throw failure('VALUE_NOT_TEXT', {});
      return { found: true, value };
    },

    async redisDelete({ keys }, call) {
      return { count: await cache.deleteAll(wireNamespace, keys.filter(isShown), call.ending) };
    },

    redisPing(_, call) {
      const ping = async () => {
        await cache.ping(call.ending);
        return { pong: true };
      };
      return inBand(call, ping, () => ({ pong: false }));
    },

    async redisGetCache(_, call) {
      const bounds = { maxEntries: limits.wireEntries, maxBytes: limits.pageBytes };
      const scan = { prefix: '', accept: isShown, ...bounds, keysOnly: false };
      const { entries, truncated } = await cache.scan(wireNamespace, scan, call.ending);
      if (truncated) call.trailers.set('x-truncated', '1');
      const shown = new Map<string, string>();
      for (const { key, value } of entries) {
        const text = textOf(value);
        if (text !== undefined) shown.set(key, text);
      }
      return { cache: shown };
    },

    redisClearCache(_, call) {
      const clear = async () => {
        await cache.clear(wireNamespace, call.ending);
        return { success: true };
      };
      return inBand(call, clear, () => ({ success: false }));
    },
  };
}

/** The clients know no upper limit; an entry may leave a cache before its time, so a longer one is shortened. */
function ttlSeconds(expiration: number | undefined): number | undefined {
  return expiration === undefined || expiration <= 0 ? undefined : Math.min(expiration, limits.maxTtlSeconds);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes, written through v1, that this contract's text fields cannot carry. */
function textOf(value: Uint8Array): string | undefined {
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}
