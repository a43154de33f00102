/** The cache on Redis while its server is away, frozen, full or not for us; tests/faults has what needs load. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits, systemClock } from '@connections/runtime';
import { hasReason, type Reason } from '@connections/runtime/errors';
import { eventually, redisCommands, redisMissing, startRedis } from '@connections/testing';
import { bytes, hourMs, rangeOf } from '../conformance/cache-acts.ts';
import { openRedisDatabase } from '../src/driver/redis/redis-database.ts';
import type { Cache } from '../src/port/cache.ts';
import { openRedis, patient } from './redis-ports.ts';

const own = { own: true };
/** Less than the driver waits for a server; `npm run faults` says what a refusal takes. */
const atOnceMs = 500;
const healedMs = 15_000;

const entry = (key: string) => ({ key, value: bytes('1'), expiresAt: Date.now() + hourMs });
const set = (cache: Cache, key: string, signal = patient) => cache.set('n', [entry(key)], signal);
const has = async (cache: Cache, key: string) => (await cache.get('n', [key], patient))[0] !== undefined;

async function failsWith(reason: Reason, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(hasReason(error, reason), `it fails by ${String(error)}`);
    return true;
  });
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** How often a server executed a command since its start. */
async function executions(url: string, command: string): Promise<number> {
  const stats = await redisCommands(url, ['INFO', 'commandstats']);
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

describe('the cache on Redis in trouble', { skip: redisMissing(own) ?? false }, () => {
  it('starts without its server, refuses at once and serves when the server comes', async () => {
    const first = await startRedis(own);
    const { url, port } = first;
    await first[Symbol.asyncDispose]();
    await using database = await openRedisDatabase({ url, clock: systemClock });
    const ms = await timed(() => failsWith('STORE_UNREACHABLE', set(database.cache, 'k')));
    assert.ok(ms < atOnceMs, `refused after ${ms} ms`);
    assert.equal(database.cache.capabilities.durable, false);
    await using _server = await startRedis({ port, appendOnly: true });
    await eventually(() => set(database.cache, 'k'), healedMs);
    assert.equal(database.cache.capabilities.durable, true);
  });

  it('ends a call with its signal while the server is frozen', async () => {
    await using server = await startRedis(own);
    await using database = await openRedis(server.url);
    server.freeze();
    const reason = new Error('enough');
    const ms = await timed(() => {
      const late = new AbortController();
      setTimeout(() => late.abort(reason), 200);
      return assert.rejects(database.cache.get('n', ['k'], late.signal), reason);
    });
    assert.ok(ms < 200 + atOnceMs, `it took ${ms} ms`);
    server.thaw();
  });

  it('sends a write that was not answered once and says that its outcome is not known', async () => {
    await using server = await startRedis(own);
    await using database = await openRedis(server.url);
    const { cache } = database;
    await set(cache, 'k');
    const before = await executions(server.url, 'set');
    server.freeze();
    const answers = ['a', 'b', 'c'].map((key) => failsWith('OUTCOME_UNKNOWN', set(cache, key)));
    await Promise.all(answers);
    server.thaw();
    await eventually(async () => assert.ok(await has(cache, 'c')), healedMs);
    assert.equal((await executions(server.url, 'set')) - before, 3);
  });

  it('tells that the server is full, and still reads, deletes and clears', async () => {
    await using server = await startRedis(own);
    await using database = await openRedis(server.url);
    const { cache } = database;
    for (const namespace of ['n', 'default']) {
      await cache.set(namespace, [entry('a'), entry('b')], patient);
      await redisCommands(server.url, ['CONFIG', 'SET', 'maxmemory', '1']);
      await failsWith('STORE_FULL', cache.set(namespace, [entry('c')], patient));
      assert.equal((await cache.get(namespace, ['a'], patient))[0]?.key, 'a');
      assert.equal(await cache.delete(namespace, ['a'], patient), 1);
      await cache.clear(namespace, patient);
      assert.deepEqual((await cache.list(namespace, rangeOf({}), patient)).entries, []);
      await redisCommands(server.url, ['CONFIG', 'SET', 'maxmemory', '0']);
    }
  });

  it('goes on when the server has forgotten the scripts', async () => {
    await using server = await startRedis(own);
    await using database = await openRedis(server.url);
    await set(database.cache, 'a');
    await redisCommands(server.url, ['SCRIPT', 'FLUSH']);
    await set(database.cache, 'b');
    assert.deepEqual(await database.cache.delete('n', ['a', 'b'], patient), 2);
  });

  it('leaves a server that has become a replica, and takes it back as a master', async () => {
    await using server = await startRedis(own);
    await using database = await openRedis(server.url);
    const { cache } = database;
    for (const staleReads of ['yes', 'no']) {
      await set(cache, 'k');
      await redisCommands(
        server.url,
        ['CONFIG', 'SET', 'replica-serve-stale-data', staleReads],
        ['REPLICAOF', '127.0.0.1', '1'],
      );
      // What it holds is as old as its link to the master: not even a read is left to it.
      const first = staleReads === 'yes' ? set(cache, 'l') : has(cache, 'k');
      await failsWith('STORE_UNREACHABLE', first);
      await failsWith('STORE_UNREACHABLE', has(cache, 'k'));
      await redisCommands(server.url, ['REPLICAOF', 'NO', 'ONE']);
      await eventually(async () => assert.ok(await has(cache, 'k')), healedMs);
    }
  });

  it('refuses what would make more wait for a frozen server than memory is for', async () => {
    await using server = await startRedis(own);
    await using database = await openRedis(server.url);
    server.freeze();
    const value = Buffer.alloc(limits.valueBytesCeiling);
    const expiresAt = Date.now() + hourMs;
    const outcomes = Array.from({ length: 100 }, (_, at) =>
      database.cache
        .set('default', [{ key: `k${at}`, value, expiresAt }], patient)
        .catch((error: unknown) => error),
    );
    const first = await Promise.race(outcomes);
    assert.ok(hasReason(first, 'STORE_UNREACHABLE'), String(first));
    const waited = (await Promise.all(outcomes)).filter((error) => hasReason(error, 'OUTCOME_UNKNOWN'));
    const mebibytes = (waited.length * value.length) / 2 ** 20;
    assert.ok(mebibytes > 128 && mebibytes <= 256, `${mebibytes} MiB waited`);
  });

  it('answers every call when it is closed before a frozen server does', async () => {
    await using server = await startRedis(own);
    const database = await openRedis(server.url);
    server.freeze();
    const read = failsWith('STORE_UNREACHABLE', database.cache.get('n', ['k'], patient));
    const write = failsWith('OUTCOME_UNKNOWN', set(database.cache, 'k'));
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([database[Symbol.asyncDispose](), read, write]);
    await failsWith('CLOSED', has(database.cache, 'k'));
  });
});
