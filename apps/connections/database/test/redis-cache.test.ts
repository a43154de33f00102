/** The cache on Redis beside others on the same server: what it finds, leaves, costs and declares. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits, systemClock } from '@connections/runtime';
import { eventually, redisCommands, redisMissing, startRedis, type TestServer } from '@connections/testing';
import { bytes, hourMs, rangeOf } from '../conformance/cache-acts.ts';
import { openRedisDatabase } from '../src/driver/redis/redis-database.ts';
import type { Cache, CacheEntry } from '../src/port/cache.ts';
import { openRedis, patient } from './redis-ports.ts';

const entry = (key: string, ttlMs = hourMs): CacheEntry => ({
  key,
  value: bytes(`of ${key}`),
  expiresAt: Date.now() + ttlMs,
});
const command = (server: TestServer, ...args: string[]) => redisCommands(server.url, args);
const namesIn = async (cache: Cache, namespace: string) =>
  (await cache.list(namespace, rangeOf({ keysOnly: true }), patient)).entries.map(({ key }) => key);

describe('the cache on Redis', { skip: redisMissing({ own: true }) ?? false }, () => {
  it('reads and lists in the default namespace what others wrote there, for as long as it lives', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    await command(server, 'SET', 'lasting', 'a');
    await command(server, 'SET', 'short', 'b', 'PX', '60000');
    const [lasting, short] = await database.cache.get('default', ['lasting', 'short'], patient);
    assert.equal(String(Buffer.from(lasting?.value ?? [])), 'a');
    const left = (lasting?.expiresAt ?? 0) - Date.now();
    assert.ok(Math.abs(left - limits.maxTtlSeconds * 1_000) < 1_000, `it lives ${left} ms`);
    assert.ok(Math.abs((short?.expiresAt ?? 0) - Date.now() - 60_000) < 1_000);
    assert.deepEqual(await namesIn(database.cache, 'default'), ['lasting', 'short']);
  });

  it('writes plain strings in the default namespace, which others can read', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    await database.cache.set('default', [entry('k', 60_000)], patient);
    assert.equal(await command(server, 'GET', 'k'), 'of k');
    const left = Number(await command(server, 'PTTL', 'k'));
    assert.ok(left > 55_000 && left <= 60_000, `it lives ${left} ms`);
  });

  it('neither lists nor clears what is no cache entry of the default namespace', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const { cache } = database;
    await command(server, 'HSET', 'validation:task:1', 'status', 'x');
    await command(server, 'SADD', 'validation:import:i:tasks', '1');
    await command(server, 'RPUSH', 'a-list', 'x');
    await command(server, 'SET', 'cs:ours', 'x');
    await command(server, 'EVAL', "return redis.call('SET', '\\255\\254', 'no text')", '0');
    await cache.set('n', [entry('k')], patient);
    await cache.set('default', [entry('k')], patient);
    assert.deepEqual(await namesIn(cache, 'default'), ['k']);
    assert.deepEqual(await cache.get('default', ['a-list', 'validation:task:1'], patient), [
      undefined,
      undefined,
    ]);
    await cache.clear('default', patient);
    assert.deepEqual(await namesIn(cache, 'default'), []);
    assert.deepEqual(await namesIn(cache, 'n'), ['k']);
    // Five of others, our entry and its index.
    assert.equal(await command(server, 'DBSIZE'), '7');
  });

  it('lists a page of the default namespace from among many keys in order', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const fill = "for i = 0, 19999 do redis.call('SET', string.format('k%05d', i), 'v') end";
    await command(server, 'EVAL', fill, '0');
    const page = await database.cache.list('default', rangeOf({ after: 'k00999', limit: 3 }), patient);
    assert.deepEqual(
      page.entries.map(({ key }) => key),
      ['k01000', 'k01001', 'k01002'],
    );
    assert.equal(page.hasMore, true);
  });

  it('never asks for all keys at once and frees memory behind the call', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const { cache } = database;
    for (const namespace of ['default', 'n']) {
      await cache.set(namespace, [entry('a'), entry('b'), entry('c'), entry('late', -1)], patient);
      await cache.get(namespace, ['a', 'b'], patient);
      await cache.list(namespace, rangeOf({}), patient);
      await cache.list(namespace, rangeOf({ keysOnly: true, prefix: 'a' }), patient);
      await cache.delete(namespace, ['a'], patient);
      await cache.clear(namespace, patient);
    }
    const stats = await command(server, 'INFO', 'commandstats');
    assert.match(stats, /cmdstat_unlink:/);
    assert.doesNotMatch(stats, /cmdstat_(keys|del|flushdb|flushall):/);
  });

  it('keeps no index of entries that have expired', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const { cache } = database;
    const shortLived = Array.from({ length: 200 }, (_, at) => entry(`short${at}`, 300));
    await cache.set('n', shortLived, patient);
    await eventually(async () => assert.equal(await command(server, 'DBSIZE'), '0'));
    await cache.set(
      'n',
      shortLived.map(({ key }) => entry(key, 300)),
      patient,
    );
    await cache.set('n', [entry('lasting')], patient);
    await eventually(async () => assert.equal(await command(server, 'DBSIZE'), '2'));
    for (let at = 0; at < 400; at++) await cache.set('n', [entry(`k${at % 10}`)], patient);
    const members = Number(await command(server, 'ZCARD', 'cs:c:{n}'));
    assert.ok(members < 60, `${members} members for 11 entries`);
    assert.equal((await namesIn(cache, 'n')).length, 11);
  });

  it('ends entries by its own clock where that of the server is another', async () => {
    await using server = await startRedis({ own: true });
    for (const aheadMs of [-60_000, 60_000]) {
      const clock = { ...systemClock, now: () => Date.now() + aheadMs };
      await using database = await openRedis(server.url, clock);
      const { cache } = database;
      for (const namespace of ['n', 'default']) {
        const expiresAt = clock.now() + 500;
        await cache.set(namespace, [{ key: 'k', value: bytes('1'), expiresAt }], patient);
        const [found] = await cache.get(namespace, ['k'], patient);
        assert.ok(found, `${namespace}: gone too early`);
        assert.ok(
          Math.abs(found.expiresAt - expiresAt) < 250,
          `${namespace}: ${found.expiresAt - expiresAt} ms off`,
        );
        await eventually(async () => {
          assert.deepEqual(await cache.get(namespace, ['k'], patient), [undefined]);
        }, 2_000);
      }
    }
  });

  it('tells the same expiry at every reading', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    const { cache } = database;
    const keys = Array.from({ length: 100 }, (_, at) => `k${at}`);
    const expiresAt = Date.now() + hourMs;
    for (const namespace of ['n', 'default']) {
      await cache.set(
        namespace,
        keys.map((key) => ({ key, value: bytes('1'), expiresAt })),
        patient,
      );
      const told = new Set<number | undefined>();
      for (let round = 0; round < 50; round++) {
        const [one] = await cache.get(namespace, ['k0'], patient);
        const { entries } = await cache.list(namespace, rangeOf({ keysOnly: round % 2 === 0 }), patient);
        for (const found of [one, ...(await cache.get(namespace, keys, patient)), ...entries]) {
          told.add(found?.expiresAt);
        }
      }
      assert.deepEqual([...told], [expiresAt], namespace);
    }
  });

  it('declares that entries survive only where the server appends them to a file', async () => {
    await using forgetful = await startRedis({ own: true });
    await using forgetting = await openRedis(forgetful.url);
    assert.equal(forgetting.cache.capabilities.durable, false);
    await using lasting = await startRedis({ appendOnly: true });
    await using kept = await openRedis(lasting.url);
    assert.equal(kept.cache.capabilities.durable, true);
  });

  it('tells of a server that drops entries when its memory is full', async () => {
    const args = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'];
    await using server = await startRedis({ args });
    await using database = await openRedisDatabase({ url: server.url, clock: systemClock });
    await eventually(() => assert.match(database.concerns.join(), /allkeys-lru/));
    assert.equal(database.concerns.length, 1);
  });

  it('keeps each database of a server to itself', async () => {
    await using server = await startRedis({ own: true });
    const other = server.url.replace(/\/0$/, '/3');
    await using first = await openRedis(server.url);
    await using second = await openRedis(other);
    await first.cache.set('default', [entry('k')], patient);
    assert.deepEqual(await namesIn(second.cache, 'default'), []);
  });
});
