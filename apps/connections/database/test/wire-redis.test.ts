/** The wire contract's cache calls over the socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc';
import { failure } from '@connections/runtime/errors';
import { eventually } from '@connections/testing';
import { startWireDatabase, trailersOf, withStatus } from './wire-database.ts';

const unreachable = () => Promise.reject(failure('STORE_UNREACHABLE', { store: 'cache' }));
const reserved = ['cs:', 'cs:tasks', 'validation:task:1', 'a:b:task:c:d', 'validation:import:people:tasks'];

describe('the cache over the wire', () => {
  it('RedisSet without an expiration, or with one of 0 or less, uses the default TTL', async () => {
    await using database = await startWireDatabase({ defaultTtlSeconds: 3 });
    const { client, clock } = database;
    for (const [key, expiration] of [['absent'], ['zero', 0], ['negative', -5], ['given', 3_600]] as const) {
      assert.deepEqual(await client.redisSet({ key, value: key, expiration }), { success: true });
    }
    await clock.advance(1_000);
    assert.equal((await client.redisGetKeys({ pattern: '*' })).keys.length, 4);
    await clock.advance(2_500);
    assert.deepEqual((await client.redisGetKeys({ pattern: '*' })).keys, ['given']);
    assert.equal((await client.redisGet({ key: 'zero' })).found, false);
  });

  it('RedisSet with an expiration beyond the longest TTL keeps the entry for that TTL', async () => {
    await using database = await startWireDatabase();
    assert.equal(
      (await database.client.redisSet({ key: 'k', value: 'v', expiration: 2 ** 31 - 1 })).success,
      true,
    );
  });

  it('RedisGet gives back any text, and found=false without a value for an unknown key', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const value of ['', '\uFEFFbom', 'ünï ✓ 😀', 'nul \0 byte']) {
      await client.redisSet({ key: '__proto__', value });
      assert.deepEqual(await client.redisGet({ key: '__proto__' }), { found: true, value });
    }
    assert.deepEqual(await client.redisGet({ key: 'constructor' }), { found: false, value: undefined });
  });

  it('RedisSet with a bad key or a value over the limit is success=false', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const key of ['', 'k'.repeat(513), 'line\nend']) {
      assert.deepEqual(await client.redisSet({ key, value: 'v' }), { success: false });
    }
    assert.deepEqual(await client.redisSet({ key: 'k', value: 'v'.repeat(1_048_577) }), { success: false });
    assert.equal((await client.redisGet({ key: 'k' })).found, false);
  });

  it('RedisGet and RedisDelete with a bad key are INVALID_ARGUMENT', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    await assert.rejects(client.redisGet({ key: '' }), withStatus('INVALID_ARGUMENT'));
    await assert.rejects(client.redisDelete({ keys: ['k'.repeat(513)] }), withStatus('INVALID_ARGUMENT'));
  });

  it('reserved keys are neither shown, counted nor overwritten', async () => {
    await using database = await startWireDatabase();
    const { client, drivers, clock, signal } = database;
    const entry = { value: Buffer.from('other'), expiresAt: clock.now() + 60_000 };
    for (const key of reserved) {
      assert.deepEqual(await client.redisSet({ key, value: 'v' }), { success: false });
      await drivers.cache.set('default', [{ key, ...entry }], signal);
      assert.deepEqual(await client.redisGet({ key }), { found: false, value: undefined });
      assert.deepEqual((await client.redisGetKeys({ pattern: key })).keys, []);
    }
    assert.deepEqual(await client.redisDelete({ keys: reserved }), { count: 0 });
    assert.deepEqual((await client.redisGetKeys({ pattern: '*' })).keys, []);
    assert.equal((await client.redisGetCache({})).cache.size, 0);
    const [kept] = await drivers.cache.get('default', ['cs:tasks'], signal);
    assert.equal(kept && Buffer.from(kept.value).toString(), 'other');
  });

  it('RedisDelete counts what was there, more keys than one batch included', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const keys = Array.from({ length: 600 }, (_, index) => `k${index}`);
    await Promise.all(keys.slice(0, 500).map((key) => client.redisSet({ key, value: 'v' })));
    assert.deepEqual(await client.redisDelete({ keys }), { count: 500 });
    assert.deepEqual(await client.redisDelete({ keys: [] }), { count: 0 });
  });

  it('RedisDelete removes nothing when one of many keys cannot be one', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const keys = Array.from({ length: 300 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => client.redisSet({ key, value: 'v' })));
    await assert.rejects(client.redisDelete({ keys: [...keys, ''] }), withStatus('INVALID_ARGUMENT'));
    assert.equal((await client.redisGetKeys({ pattern: '*' })).keys.length, 300);
  });

  it('RedisGetKeys finds by glob, and nothing by the empty pattern', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const key of ['a.b', 'aXb', 'a*b', '$x', '__proto__']) await client.redisSet({ key, value: 'v' });
    const keys = async (pattern: string) => (await client.redisGetKeys({ pattern })).keys.toSorted();
    assert.deepEqual(await keys('a?b'), ['a*b', 'a.b', 'aXb']);
    assert.deepEqual(await keys('a[.*]b'), ['a*b', 'a.b']);
    assert.deepEqual(await keys('a\\*b'), ['a*b']);
    assert.deepEqual(await keys('a.b'), ['a.b']);
    assert.deepEqual(await keys('[$_]*'), ['$x', '__proto__']);
    assert.deepEqual(await keys(''), []);
  });

  it('RedisGetKeys with a pattern over 512 bytes is INVALID_ARGUMENT', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    assert.deepEqual((await client.redisGetKeys({ pattern: '*'.repeat(512) })).keys, []);
    await assert.rejects(client.redisGetKeys({ pattern: '*'.repeat(513) }), withStatus('INVALID_ARGUMENT'));
  });

  it('RedisGetKeys and RedisGetCache cut at 10 000 entries and say so', async () => {
    await using database = await startWireDatabase();
    const { client, drivers, clock, signal } = database;
    const entry = (index: number) => ({
      key: `k${index}`,
      value: Buffer.of(49),
      expiresAt: clock.now() + 60_000,
    });
    await drivers.cache.set(
      'default',
      Array.from({ length: 10_000 }, (_, index) => entry(index)),
      signal,
    );
    for (const truncated of [undefined, '1']) {
      const keys = await trailersOf((options) => client.redisGetKeys({ pattern: 'k*' }, options));
      const cache = await trailersOf((options) => client.redisGetCache({}, options));
      assert.deepEqual([keys.reply.keys.length, cache.reply.cache.size], [10_000, 10_000]);
      assert.equal(keys.trailers.text('x-truncated'), truncated);
      assert.equal(cache.trailers.text('x-truncated'), truncated);
      await drivers.cache.set('default', [entry(10_000)], signal);
    }
  });

  it('RedisGetCache and RedisGetKeys cut at 3 MiB and say so', async () => {
    await using database = await startWireDatabase();
    const { client, drivers, clock, signal } = database;
    const value = Buffer.alloc(1_000_000, 'v');
    const expiresAt = clock.now() + 60_000;
    const large = ['a', 'b', 'c', 'd'].map((key) => ({ key, value, expiresAt }));
    await drivers.cache.set('default', large, signal);
    const cache = await trailersOf((options) => client.redisGetCache({}, options));
    assert.deepEqual([cache.reply.cache.size, cache.trailers.text('x-truncated')], [3, '1']);

    const long = Array.from({ length: 9_000 }, (_, index) => `${'k'.repeat(500)}${index}`);
    await drivers.cache.set(
      'default',
      long.map((key) => ({ key, value: Buffer.of(), expiresAt })),
      signal,
    );
    const keys = await trailersOf((options) => client.redisGetKeys({ pattern: 'k*' }, options));
    assert.ok(keys.reply.keys.length > 6_000 && keys.reply.keys.length < 6_300);
    assert.equal(keys.trailers.text('x-truncated'), '1');
  });

  it('a value that is not text is no entry of RedisGetCache and FAILED_PRECONDITION for RedisGet', async () => {
    await using database = await startWireDatabase();
    const { client, services, signal } = database;
    await services.cache.set('default', { key: 'bytes', value: Buffer.of(0xff), ttlSeconds: 60 }, signal);
    await client.redisSet({ key: 'text', value: 'v' });
    assert.deepEqual([...(await client.redisGetCache({})).cache], [['text', 'v']]);
    await assert.rejects(client.redisGet({ key: 'bytes' }), withStatus('FAILED_PRECONDITION'));
  });

  it('RedisClearCache clears the entries of the default namespace and no task', async () => {
    await using database = await startWireDatabase();
    const { client, services, signal } = database;
    await client.redisSet({ key: 'k', value: 'v' });
    await services.cache.set('other', { key: 'k', value: Buffer.of(49), ttlSeconds: 60 }, signal);
    await client.setTaskId({ taskId: '1', task: 'validation', value: { status: 'accepted', code: 202 } });
    assert.deepEqual(await client.redisClearCache({}), { success: true });
    assert.equal((await client.redisGetCache({})).cache.size, 0);
    assert.ok(await services.cache.get('other', 'k', signal));
    assert.equal((await client.getTaskId({ taskId: '1', task: 'validation' })).found, true);
  });

  it('RedisPing answers pong', async () => {
    await using database = await startWireDatabase();
    assert.deepEqual(await database.client.redisPing({}), { pong: true });
  });
});

describe('while the cache cannot be reached', () => {
  const cache = {
    get: unreachable,
    set: unreachable,
    delete: unreachable,
    list: unreachable,
    clear: unreachable,
    ping: unreachable,
  };

  it('calls with a failure field answer in it', async () => {
    await using database = await startWireDatabase({ broken: { cache } });
    const { client } = database;
    assert.deepEqual(await client.redisSet({ key: 'k', value: 'v' }), { success: false });
    assert.deepEqual(await client.redisClearCache({}), { success: false });
    assert.deepEqual(await client.redisPing({}), { pong: false });
  });

  it('the others are UNAVAILABLE', async () => {
    await using database = await startWireDatabase({ broken: { cache } });
    const { client } = database;
    await assert.rejects(client.redisGet({ key: 'k' }), withStatus('UNAVAILABLE'));
    await assert.rejects(client.redisDelete({ keys: ['k'] }), withStatus('UNAVAILABLE'));
    await assert.rejects(client.redisGetKeys({ pattern: '*' }), withStatus('UNAVAILABLE'));
    await assert.rejects(client.redisGetCache({}), withStatus('UNAVAILABLE'));
  });
});

it('a defect of the service is no answer in a failure field', async () => {
  const set = () => Promise.reject(new TypeError('a bug'));
  await using database = await startWireDatabase({ broken: { cache: { set } } });
  await assert.rejects(database.client.redisSet({ key: 'k', value: 'v' }), isStatusError);
});

describe('a call that nobody waits for', () => {
  const until = (_: unknown, __: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });

  it('ends as DEADLINE_EXCEEDED or CANCELLED, never as success=false', async () => {
    await using database = await startWireDatabase({ broken: { cache: { set: until } } });
    const { client, calls } = database;
    const request = { key: 'k', value: 'v' };
    // Over a connection that is there: the deadline is to pass in the service.
    await client.redisPing({});
    await assert.rejects(client.redisSet(request, { timeoutMs: 50 }), withStatus('DEADLINE_EXCEEDED'));
    await eventually(() => assert.deepEqual(calls.outcomes, ['OK', 'DEADLINE_EXCEEDED']));
    const abort = new AbortController();
    const call = client.redisSet(request, { signal: abort.signal });
    await eventually(() => assert.equal(calls.open, 1));
    abort.abort();
    await assert.rejects(call, withStatus('CANCELLED'));
    await eventually(() => assert.deepEqual(calls.outcomes, ['OK', 'DEADLINE_EXCEEDED', 'CANCELLED']));
  });
});
