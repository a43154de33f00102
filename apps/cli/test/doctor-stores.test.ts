/** What `connections doctor` says of stores that are on servers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mongoMissing, redisMissing, startMongo, startRedis } from '@connections/testing';
import type { Check } from '../src/doctor/check.ts';
import { checkSettings } from '../src/doctor/settings-check.ts';
import { checkStores } from '../src/doctor/stores-check.ts';

async function stores(env: Readonly<Record<string, string>>): Promise<readonly Check[]> {
  const interrupted = new AbortController().signal;
  return checkStores(checkSettings(env).settings, { timeoutMs: 10_000, interrupted });
}

describe('doctor, of stores on servers', () => {
  it('has nothing to say of embedded ones', async () => {
    assert.deepEqual(await stores({}), []);
  });

  it('says why one does not answer, and where it looked', async () => {
    // Nothing listens there: a port of the system's own.
    const [cache, others, ...more] = await stores({
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT: '1',
      REDIS_PASSWORD: 'hunter2',
      MONGO_HOST: '127.0.0.1',
      MONGO_PORT: '1',
    });
    assert.deepEqual(more, []);
    assert.deepEqual([cache?.check, cache?.status], ['cache and tasks stores', 'FAIL']);
    assert.match(cache?.message ?? '', /^redis:\/\/127\.0\.0\.1:1\/0 does not answer, .*: start it, or /);
    assert.deepEqual(others, {
      check: 'schemas and tasks stores',
      status: 'FAIL',
      message:
        'mongodb://127.0.0.1:1/typechecking does not answer, connect ECONNREFUSED 127.0.0.1:1: start it, or set where it is',
    });
  });

  it('says which variable has a URL that no driver understands', async () => {
    const [check, ...more] = await stores({ DATABASE_TASKS_URL: 'mongodb://me:hunter2@a/db?foo=1' });
    assert.deepEqual([more, check?.check, check?.status], [[], 'settings', 'FAIL']);
    assert.match(check?.message ?? '', /^DATABASE_TASKS_URL is "mongodb:\/\/me:\*{8}@a\/db/);
  });

  const skip = mongoMissing() ?? redisMissing() ?? false;
  it('finds those that answer', { skip }, async () => {
    await using mongo = await startMongo();
    await using redis = await startRedis();
    const found = await stores({
      DATABASE_CACHE_URL: redis.url,
      DATABASE_SCHEMAS_URL: mongo.url,
      DATABASE_TASKS_URL: mongo.url,
    });
    assert.deepEqual(
      found.map(({ check, status }) => [check, status]),
      [
        ['cache store', 'ok'],
        ['schemas and tasks stores', 'ok'],
      ],
    );
  });
});
