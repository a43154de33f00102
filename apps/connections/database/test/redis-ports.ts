/** The cache on Redis for the tests of the contract: on a server's own clock, with a store that they share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '@connections/runtime';
import { eventually, type OpenPort } from '@connections/testing';
import { openRedisDatabase, type RedisDatabase } from '../src/driver/redis/redis-database.ts';
import type { Cache } from '../src/port/cache.ts';

/** Of no call's: never aborted. */
export const patient: AbortSignal = new AbortController().signal;

/** A driver that has reached its servers. */
export async function openRedis(url: string, clock: Clock = systemClock): Promise<RedisDatabase> {
  const database = await openRedisDatabase({ url, clock });
  try {
    await eventually(() => database.cache.ping(patient), 10_000);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  return database;
}

export interface RedisPortOptions {
  /** Before each clause. */
  readonly prepare?: () => Promise<unknown>;
  /** While a clause has closed the driver, to open it again. */
  readonly whileClosed?: () => Promise<unknown>;
  /** What the clauses get in place of the port. */
  readonly wrap?: (port: Cache) => Cache;
}

export function openRedisPort(
  url: () => string,
  { prepare, whileClosed, wrap = (port) => port }: RedisPortOptions = {},
): OpenPort<Cache> {
  return async () => {
    await prepare?.();
    let database = await openRedis(url());
    return {
      port: wrap(database.cache),
      passTime: (ms) => sleep(ms),
      async reopen() {
        await database[Symbol.asyncDispose]();
        await whileClosed?.();
        database = await openRedis(url());
        return wrap(database.cache);
      },
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  };
}
