/** What the cache asks of Redis: counted in commands, bytes and writes, never in time. */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { limits, systemClock } from '@connections/runtime';
import {
  redisCommands,
  redisMissing,
  startRedis,
  startRedisCluster,
  type TestServer,
} from '@connections/testing';
import { hourMs, rangeOf } from '../conformance/cache-acts.ts';
import type { Cache } from '../src/port/cache.ts';
import { CacheService } from '../src/service/cache-service.ts';
import { openRedis, patient } from './redis-ports.ts';

const mebibyte = 1_048_576;

async function countOf(server: TestServer, section: string, form: RegExp): Promise<number> {
  return Number(form.exec(await redisCommands(server.url, ['INFO', section]))?.[1] ?? 0);
}

const scansOf = (server: TestServer) => countOf(server, 'commandstats', /cmdstat_scan:calls=(\d+)/);
const bytesFrom = (server: TestServer) => countOf(server, 'stats', /total_net_output_bytes:(\d+)/);

async function during(count: () => Promise<number>, work: () => Promise<unknown>): Promise<number> {
  const before = await count();
  await work();
  return (await count()) - before;
}

const fill = (server: TestServer, names: number) =>
  redisCommands(server.url, [
    ...['EVAL', `for i = 1, ${names} do redis.call('SET', string.format('k%05d', i), 'v') end`, '0'],
  ]);

async function setValues(cache: Cache, namespace: string, keys: readonly string[], length: number) {
  const expiresAt = Date.now() + hourMs;
  for (const key of keys)
    await cache.set(namespace, [{ key, value: Buffer.alloc(length), expiresAt }], patient);
}

describe('the cost of the cache on Redis', { skip: redisMissing({ own: true }) ?? false }, () => {
  it('of RedisGetKeys and RedisGetCache is one pass over the database, whatever they find', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const { cache } = database;
    const service = new CacheService({
      cache,
      clock: systemClock,
      defaultTtlSeconds: 60,
      maxValueBytes: limits.valueBytes,
    });
    await fill(server, 12_000);
    const pass = await during(
      () => scansOf(server),
      () => cache.list('default', rangeOf({ limit: 1 }), patient),
    );
    const bounds = { prefix: '', maxEntries: limits.wireEntries, maxBytes: limits.pageBytes };
    for (const [accept, found] of [
      [() => true, limits.wireEntries],
      [(key: string) => key.endsWith('7'), 1_200],
      [() => false, 0],
    ] as const) {
      for (const keysOnly of [true, false]) {
        let entries = 0;
        const scans = await during(
          () => scansOf(server),
          async () => {
            const scanned = await service.scan('', { ...bounds, accept, keysOnly }, patient);
            entries = scanned.entries.length;
          },
        );
        assert.equal(entries, found);
        assert.ok(scans <= pass, `${scans} SCANs, ${pass} for one pass`);
      }
    }
  });

  it('of a page in bytes is that of its entries, however large those are that do not fit', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const { cache } = database;
    for (const namespace of ['default', 'n']) {
      await setValues(cache, namespace, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], mebibyte);
      for (const range of [{ maxBytes: limits.pageBytes }, { limit: 2 }, { keysOnly: true }]) {
        let held = 0;
        const sent = await during(
          () => bytesFrom(server),
          async () => {
            const page = await cache.list(namespace, rangeOf({ maxBytes: 10 * mebibyte, ...range }), patient);
            held = page.entries.reduce((sum, { value }) => sum + value.length, 0);
          },
        );
        assert.ok(
          sent - held < 100_000,
          `${namespace}: ${sent} bytes for ${held} in ${JSON.stringify(range)}`,
        );
      }
    }
  });

  it('of a page of small entries is a few commands, not one for each', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    await fill(server, 1_000);
    const form = /cmdstat_evalsha:calls=(\d+)/;
    const scripts = await during(
      () => countOf(server, 'commandstats', form),
      () => database.cache.list('default', rangeOf({ limit: 1_000 }), patient),
    );
    assert.ok(scripts <= 10, `${scripts} scripts`);
  });

  it('of the calls of one tick is one write for each server', async () => {
    await using server = await startRedis({ own: true });
    await using cluster = await startRedisCluster();
    for (const [url, servers] of [
      [server.url, 1],
      [cluster.url, 3],
    ] as const) {
      await using database = await openRedis(url);
      const { cache } = database;
      const keys = Array.from({ length: 90 }, (_, at) => `k${at}`);
      const getAll = (namespace: string) => keys.map((key) => cache.get(namespace, [key], patient));
      await Promise.all(getAll('default'));
      // Named namespaces are in one slot each.
      assert.equal(await writesDuring(() => Promise.all(getAll('n'))), 1);
      assert.equal(await writesDuring(() => Promise.all(getAll('default'))), servers);
    }
  });
});

/** How often this process handed bytes to the network. */
async function writesDuring(work: () => Promise<unknown>): Promise<number> {
  const socket = Socket.prototype as unknown as Record<'_write' | '_writev', (...args: unknown[]) => void>;
  const { _write: writeOne, _writev: writeMany } = socket;
  let writes = 0;
  socket._write = function (...args) {
    writes++;
    writeOne.apply(this, args);
  };
  socket._writev = function (...args) {
    writes++;
    writeMany.apply(this, args);
  };
  try {
    await work();
  } finally {
    Object.assign(socket, { _write: writeOne, _writev: writeMany });
  }
  return writes;
}
