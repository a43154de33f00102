/** The cache on Redis as whom and by which way it is reached: passwords, users, TLS, IPv6. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { systemClock } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import {
  eventually,
  redisCommands,
  redisMissing,
  redisTlsMissing,
  startRedis,
  startRedisCluster,
  startTlsRedis,
  type TestServer,
} from '@connections/testing';
import { bytes, hourMs, rangeOf } from '../conformance/cache-acts.ts';
import { openRedisDatabase } from '../src/driver/redis/redis-database.ts';
import type { Cache } from '../src/port/cache.ts';
import { openRedis, patient } from './redis-ports.ts';

const skip = redisMissing({ own: true }) ?? false;
const entry = (key: string) => ({ key, value: bytes('1'), expiresAt: Date.now() + hourMs });

/** Every operation, in both kinds of namespace. */
async function useAll(cache: Cache): Promise<void> {
  for (const namespace of ['n', 'default']) {
    await cache.set(namespace, [entry('a'), entry('b')], patient);
    assert.ok((await cache.get(namespace, ['a'], patient))[0]);
    assert.equal((await cache.get(namespace, ['a', 'b'], patient)).length, 2);
    assert.equal(await cache.delete(namespace, ['a'], patient), 1);
    assert.equal((await cache.list(namespace, rangeOf({}), patient)).entries.length, 1);
    assert.equal((await cache.list(namespace, rangeOf({ keysOnly: true }), patient)).entries.length, 1);
    await cache.clear(namespace, patient);
  }
  await cache.ping(patient);
}

async function addUser(server: Pick<TestServer, 'url'>, rules: readonly string[]): Promise<void> {
  await redisCommands(server.url, ['ACL', 'SETUSER', 'app', 'on', '>secret', '~*', ...rules]);
}

function asUser(url: string): string {
  return url.replace('://', '://app:secret@');
}

/** As the manual names them. */
const manual = readFileSync(new URL('../../../../../docs/operations.md', import.meta.url), 'utf8');
const allRights = /^ACL SETUSER connections on >password ~\* (.+)$/m.exec(manual)?.[1]?.split(' ') ?? [];
const neededRights = allRights.filter((right) => right !== '+info' && right !== '+role');
const clusterRights = /on a Cluster `([^`]+)` too/.exec(manual)?.[1]?.split(' ') ?? [];

describe('a Redis with a password', { skip }, () => {
  it('refuses who has none, and serves who has it', async () => {
    await using server = await startRedis({ password: 'p@ss:word/1' });
    await using database = await openRedis(server.url);
    await database.cache.set('n', [entry('k')], patient);
    const open = new URL(server.url);
    open.password = '';
    await using stranger = await openRedisDatabase({ url: open.href, clock: systemClock });
    await assert.rejects(stranger.cache.ping(patient), (error) => hasReason(error, 'STORE_UNREACHABLE'));
  });

  it('has it in no message, whatever fails', async () => {
    const password = 'p@ss:word/1';
    await using server = await startRedis({ password });
    const secrets = [password, encodeURIComponent(password), 'wrong-one'];
    const told: string[] = [];
    for (const url of [server.url, server.url.replace(/:[^:@]*@/, ':wrong-one@')]) {
      await using database = await openRedisDatabase({ url, clock: systemClock });
      await server.kill();
      await eventually(async () => {
        const error = await database.cache
          .set('default', [entry('k')], patient)
          .catch((each: unknown) => each);
        assert.ok(hasReason(error, 'STORE_UNREACHABLE'), String(error));
        told.push(inspect(error, { depth: 20, showHidden: true }), database.where);
      });
      await server.restart();
      const error = await database.cache.ping(patient).catch((each: unknown) => each);
      told.push(inspect(error, { depth: 20, showHidden: true }), inspect(database));
    }
    assert.ok(told.length >= 8);
    for (const text of told) for (const secret of secrets) assert.ok(!text.includes(secret), text);
  });
});

describe('a Redis user with few rights', { skip }, () => {
  it('does everything with what the manual names, and knows of no file', async () => {
    await using server = await startRedis({ appendOnly: true });
    await addUser(server, neededRights);
    await using database = await openRedis(asUser(server.url).replace(/\/0$/, '/3'));
    await useAll(database.cache);
    assert.equal(database.cache.capabilities.durable, false);
  });

  it('knows of the file with INFO', async () => {
    await using server = await startRedis({ appendOnly: true });
    await addUser(server, allRights);
    await using database = await openRedis(asUser(server.url));
    await useAll(database.cache);
    assert.equal(database.cache.capabilities.durable, true);
  });

  it('does everything on a Cluster with two rights more', async () => {
    await using cluster = await startRedisCluster();
    for (const node of cluster.nodes) await addUser(node, [...neededRights, ...clusterRights]);
    await using database = await openRedis(asUser(cluster.url));
    await useAll(database.cache);
  });

  it('is refused what it lacks, before anything has happened', async () => {
    await using server = await startRedis({ own: true });
    await addUser(server, ['+@read', '+@scripting', '+@connection', '+time']);
    await using database = await openRedis(asUser(server.url));
    for (const namespace of ['n', 'default']) {
      await assert.rejects(database.cache.set(namespace, [entry('k')], patient), (error) =>
        hasReason(error, 'STORE_UNREACHABLE'),
      );
    }
    assert.equal(await redisCommands(server.url, ['DBSIZE']), '0');
  });
});

describe('a Redis behind TLS', { skip: redisTlsMissing() ?? false }, () => {
  const client = fileURLToPath(new URL('./redis-tls-client.js', import.meta.url));
  const run = async (url: string, trusted?: string) => {
    const env = { ...process.env, ...(trusted !== undefined && { NODE_EXTRA_CA_CERTS: trusted }) };
    return (await promisify(execFile)(process.execPath, [client, url], { env })).stdout;
  };

  it('is served where its certificate is trusted and names the host', async () => {
    await using redis = await startTlsRedis({ password: 'secret' });
    const { url, certificateFile } = redis;
    assert.match(await run(url, certificateFile), /found over TLS/);
    assert.match(await run(url.replace('127.0.0.1', 'localhost'), certificateFile), /found over TLS/);
  });

  it('is told nothing, not even the password, where its certificate is not trusted', async () => {
    await using redis = await startTlsRedis({ password: 'secret' });
    assert.match(await run(redis.url), /self-signed certificate/);
    assert.doesNotMatch(
      await redisCommands(redis.server.url, ['INFO', 'commandstats']),
      /cmdstat_(set|evalsha)/,
    );
  });
});

const ipv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe('a Redis at an address of IPv6', { skip: ipv6 ? skip : 'this machine has no IPv6' }, () => {
  it('is served', async () => {
    await using server = await startRedis({ args: ['--bind', '127.0.0.1', '::1'] });
    await using database = await openRedis(`redis://[::1]:${server.port}/0`);
    await useAll(database.cache);
  });
});
