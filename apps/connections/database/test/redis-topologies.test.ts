/** The cache on Redis while masters change: failover by Sentinels, nodes and slots of a Cluster. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasReason } from '@connections/runtime/errors';
import {
  eventually,
  type RedisCluster,
  redisCommands,
  redisMissing,
  startRedisCluster,
  startRedisSentinels,
} from '@connections/testing';
import { bytes, hourMs, rangeOf } from '../conformance/cache-acts.ts';
import { hashSlot } from '../src/driver/redis/hash-slot.ts';
import type { Cache } from '../src/port/cache.ts';
import { openRedis, patient } from './redis-ports.ts';

const skip = redisMissing({ own: true }) ?? false;

const entry = (key: string) => ({ key, value: bytes('1'), expiresAt: Date.now() + hourMs });
const set = (cache: Cache, key: string) => cache.set('default', [entry(key)], patient);
const has = async (cache: Cache, key: string) =>
  (await cache.get('default', [key], patient))[0] !== undefined;
const listedIn = async (cache: Cache) =>
  (await cache.list('default', rangeOf({}), patient)).entries.map(({ key }) => key);

describe('the cache behind Sentinels', { skip }, () => {
  for (const away of ['kill', 'freeze'] as const) {
    it(`serves from the new master after a failover: ${away}`, () => failover(away));
  }

  async function failover(away: 'kill' | 'freeze'): Promise<void> {
    await using sentinels = await startRedisSentinels();
    await using database = await openRedis(sentinels.url);
    const { cache } = database;
    await set(cache, 'k');
    await eventually(async () => {
      assert.equal(await redisCommands(sentinels.replica.url, ['EXISTS', 'k']), '1');
    });
    await sentinels.master[away]();
    await eventually(() => set(cache, 'l'), 15_000);
    assert.ok(await has(cache, 'k'));
    assert.equal(await redisCommands(sentinels.replica.url, ['EXISTS', 'l']), '1');
    // Another server may have taken over without what the first one acknowledged.
    assert.equal(cache.capabilities.durable, false);
    if (away === 'kill') return;
    // It still takes itself for the master, until a Sentinel tells it.
    sentinels.master.thaw();
    await eventually(async () => {
      assert.match(await redisCommands(sentinels.master.url, ['INFO', 'replication']), /role:slave/);
    }, 30_000);
    await set(cache, 'm');
    assert.equal(await redisCommands(sentinels.replica.url, ['EXISTS', 'm']), '1');
  }

  it('serves while two of three Sentinels are away', async () => {
    await using sentinels = await startRedisSentinels();
    const [first, second] = sentinels.sentinels;
    await first?.kill();
    second?.freeze();
    await using database = await openRedis(sentinels.url);
    await set(database.cache, 'k');
    second?.thaw();
  });
});

describe('the cache on a Cluster', { skip }, () => {
  it('serves the slots of the living nodes while one is frozen or dead, and all when it is back', async () => {
    await using cluster = await startRedisCluster();
    await using database = await openRedis(cluster.url);
    const { cache } = database;
    const [dead] = cluster.nodes;
    const lost = keyOf(0);
    const living = keyOf(2);
    for (const away of ['freeze', 'kill'] as const) {
      await dead?.[away]();
      await eventually(async () => {
        await assert.rejects(set(cache, lost), (error) => hasReason(error, 'STORE_UNREACHABLE'));
      });
      await set(cache, living);
      assert.ok(await has(cache, living));
      // Part of the keys is not everything.
      await assert.rejects(cache.list('default', rangeOf({}), patient), (error) => {
        return hasReason(error, 'STORE_UNREACHABLE');
      });
      await assert.rejects(cache.ping(patient), (error) => hasReason(error, 'STORE_UNREACHABLE'));
      if (away === 'freeze') dead?.thaw();
      else await dead?.restart();
      await eventually(() => set(cache, lost), 10_000);
      await eventually(() => cache.ping(patient), 10_000);
    }
  });

  for (const away of ['kill', 'freeze'] as const) {
    it(`serves from the replica of a master that is away: ${away}`, async () => {
      await using cluster = await startRedisCluster({ withReplica: true });
      await using database = await openRedis(cluster.url);
      const { cache } = database;
      const key = keyOf(0);
      const [master] = cluster.nodes;
      await set(cache, key);
      assert.equal(
        await redisCommands(master?.url ?? '', ['SET', key, 'x', 'KEEPTTL'], ['WAIT', '1', '5000']),
        '1',
      );
      await master?.[away]();
      await eventually(() => set(cache, key), 20_000);
      assert.deepEqual(await listedIn(cache), [key]);
      if (away === 'freeze') master?.thaw();
      else await master?.restart();
      // The old master comes back as a replica, and is nobody's master here.
      await eventually(async () => {
        assert.match(await redisCommands(master?.url ?? '', ['INFO', 'replication']), /role:slave/);
      }, 30_000);
      await set(cache, key);
      assert.deepEqual(await listedIn(cache), [key]);
      await cache.ping(patient);
    });
  }

  it('follows a slot that moves, before, during and after', async () => {
    await using cluster = await startRedisCluster();
    await using database = await openRedis(cluster.url);
    const { cache } = database;
    const key = keyOf(0);
    const slot = hashSlot(key);
    const [from, to] = await Promise.all([identity(cluster, 0), identity(cluster, 1)]);
    await set(cache, key);
    await redisCommands(to.url, ['CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', from.id]);
    await redisCommands(from.url, ['CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', to.id]);
    assert.ok(await has(cache, key), 'before the key has moved');
    await redisCommands(from.url, ['MIGRATE', '127.0.0.1', `${to.port}`, key, '0', '5000']);
    assert.ok(await has(cache, key), 'after the key has moved');
    await set(cache, key);
    for (const { url } of cluster.nodes) {
      await redisCommands(url, ['CLUSTER', 'SETSLOT', `${slot}`, 'NODE', to.id]);
    }
    assert.ok(await has(cache, key), 'after the slot has moved');
    assert.deepEqual(await listedIn(cache), [key]);
  });

  it('comes up with one of its seeds alone', async () => {
    await using cluster = await startRedisCluster();
    const [first] = cluster.nodes;
    await using database = await openRedis(`redis+cluster://127.0.0.1:1,127.0.0.1:${first?.port}`);
    await set(database.cache, keyOf(2));
    assert.equal(await database.cache.delete('default', [keyOf(0), keyOf(1), keyOf(2)], patient), 1);
  });
});

/** A key in the third of the slots that this node was started with. */
function keyOf(node: number): string {
  for (let at = 0; ; at++) {
    const key = `k${at}`;
    if (Math.floor(hashSlot(key) / 5_462) === node) return key;
  }
}

async function identity(cluster: RedisCluster, node: number) {
  const server = cluster.nodes[node];
  if (!server) throw new RangeError(`no node ${node}`);
  return { url: server.url, port: server.port, id: await redisCommands(server.url, ['CLUSTER', 'MYID']) };
}
