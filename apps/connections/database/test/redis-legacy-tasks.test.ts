/** The keys of old tasks on one Redis and on a Cluster, and what of them is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasReason } from '@connections/runtime/errors';
import { eventually, redisCommands, redisMissing, startRedis, startRedisCluster } from '@connections/testing';
import { hashSlot } from '../src/driver/redis/hash-slot.ts';
import type { LegacyTasks } from '../src/port/legacy-tasks.ts';
import { openRedis, patient } from './redis-ports.ts';

const skip = redisMissing({ own: true }) ?? false;
const maxBytes = 1_000;
const keys = Array.from({ length: 1_200 }, (_, at) => `c:task:${at}`);

async function listed(legacy: LegacyTasks): Promise<{ readonly found: string[]; readonly pages: number }> {
  const found = new Set<string>();
  let pages = 0;
  let after: string | undefined;
  do {
    const page = await legacy.page(after, patient);
    for (const key of page.keys) found.add(key);
    pages++;
    after = page.next;
  } while (after !== undefined);
  return { found: [...found].toSorted(), pages };
}

describe('old tasks on Redis', { skip }, () => {
  it('are listed a few at a time, without what only looks like them', async () => {
    await using server = await startRedis();
    await using database = await openRedis(server.url);
    const { legacyTasks: legacy } = database;
    assert.deepEqual(await listed(legacy), { found: [], pages: 1 });
    const others = ['c:tasks:1', 'task:1', 'cs:{p1}:t:e:"n","a:task:b","i"', 'c:import:i:tasks'];
    await redisCommands(server.url, ...[...keys, ...others].map((key) => ['HSET', key, 'a', 'b']));
    const { found, pages } = await listed(legacy);
    assert.deepEqual(found, keys.toSorted());
    assert.ok(pages > 1, `${pages} pages`);
    const first = await legacy.page(undefined, patient);
    assert.ok(first.keys.length < 1_100, `${first.keys.length} keys on one page`);
  });

  it('pass other keys over within a page that stays short', async () => {
    await using server = await startRedis({ own: true });
    await using database = await openRedis(server.url);
    await redisCommands(server.url, ['DEBUG', 'POPULATE', '120000']);
    await redisCommands(server.url, ['HSET', 'c:task:1', 'a', 'b']);
    const { found, pages } = await listed(database.legacyTasks);
    assert.deepEqual(found, ['c:task:1']);
    assert.ok(pages > 1, `${pages} pages`);
  });

  it('are read whole, or it is said why not', async () => {
    await using server = await startRedis();
    await using database = await openRedis(server.url);
    const many = Array.from({ length: 1_005 }, (_, at) => [`f${at}`, '']).flat();
    await redisCommands(
      server.url,
      ['HSET', 'c:task:hash', 'a', '1', 'größe', ''],
      ['SET', 'c:task:text', 'x'],
      ['SADD', 'c:task:set', 'x'],
      ['HSET', 'c:task:large', 'a', 'x'.repeat(maxBytes)],
      ['HSET', 'c:task:many', ...many],
    );
    const { legacyTasks: legacy } = database;
    const read = (key: string) => legacy.read(key, maxBytes, patient);
    const fields = new Map([
      ['a', '1'],
      ['größe', ''],
    ]);
    assert.deepEqual(await read('c:task:hash'), { outcome: 'FOUND', fields });
    assert.deepEqual(await read('c:task:none'), { outcome: 'GONE' });
    assert.deepEqual(await read('c:task:large'), { outcome: 'LARGE' });
    for (const key of ['c:task:text', 'c:task:set']) {
      assert.deepEqual(await read(key), { outcome: 'UNREADABLE', problem: 'it is no hash' });
    }
    const problem = 'it has more than 1004 fields';
    assert.deepEqual(await read('c:task:many'), { outcome: 'UNREADABLE', problem });
  });

  it('have to be listed anew after a restart, for a cursor means nothing then', async () => {
    await using server = await startRedis({ appendOnly: true });
    await using database = await openRedis(server.url);
    await redisCommands(server.url, ...keys.map((key) => ['HSET', key, 'a', 'b']));
    const { legacyTasks: legacy } = database;
    const { next } = await legacy.page(undefined, patient);
    await server.restart();
    await eventually(() => database.cache.ping(patient), 10_000);
    await assert.rejects(legacy.page(next, patient), (error) => hasReason(error, 'LEGACY_SCAN_LOST'));
    assert.equal((await listed(legacy)).found.length, keys.length);
  });

  it('are listed of every master of a Cluster, and read where they are', async () => {
    await using cluster = await startRedisCluster();
    await using database = await openRedis(cluster.url);
    for (const [at, { url }] of cluster.nodes.entries()) {
      const own = keys.filter((key) => [5_460, 10_922].filter((last) => hashSlot(key) > last).length === at);
      assert.ok(own.length > 0);
      await redisCommands(url, ...own.map((key) => ['HSET', key, 'a', key]));
    }
    const { legacyTasks: legacy } = database;
    const { found } = await listed(legacy);
    assert.deepEqual(found, keys.toSorted());
    for (const key of keys.slice(0, 20)) {
      assert.deepEqual(await legacy.read(key, maxBytes, patient), {
        outcome: 'FOUND',
        fields: new Map([['a', key]]),
      });
    }
  });
});
