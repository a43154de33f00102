/** Three ports on one store: bounded together, closed one by one. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { systemClock } from '@connections/runtime';
import { openEmbeddedDatabase } from '../src/driver/embedded/embedded-database.ts';
import { temporaryFolder } from './watched-store.ts';

const { signal } = new AbortController();
const task = { namespace: 'n', category: 'c', id: 't' };
const reading = { token: undefined, strong: true };

async function openDatabase(context: TestContext, maxBytes = 2 ** 30) {
  const folder = temporaryFolder(context);
  const database = await openEmbeddedDatabase({ folder, sync: 'second', maxBytes, clock: systemClock });
  context.after(() => database[Symbol.asyncDispose]());
  return database;
}

describe('the embedded database', () => {
  it('keeps the other ports open when one is closed', async (context) => {
    const { cache, schemas, tasks } = await openDatabase(context);
    await cache[Symbol.asyncDispose]();
    await cache[Symbol.asyncDispose]();
    await assert.rejects(cache.ping(signal), { reason: 'CLOSED' });
    assert.equal(await schemas.count('n', signal), 0);
    assert.equal((await tasks.get(task, reading, signal)).task, undefined);
  });

  it('that is full refuses what adds and takes what removes, on every port', async (context) => {
    const { cache, schemas, tasks } = await openDatabase(context, 4 * 2 ** 20);
    const by = { requestId: undefined, principal: 'ann', allowBuffered: false, ifAbsent: false };
    const state = { status: 'accepted', code: 0, message: '', data: new Map() };
    const document = {
      document: '{}',
      fingerprint: 'f',
      author: '',
      note: '',
      createdAt: 1,
      statedAt: undefined,
    };
    const options = { mustExist: false, requestId: undefined };
    const expiresAt = Date.now() + 3_600_000;
    const set = (key: string) => cache.set('n', [{ key, value: Buffer.alloc(500_000), expiresAt }], signal);
    await tasks.put(task, state, by, signal);
    await schemas.register({ namespace: 'n', name: 's' }, document, options, signal);
    const full = { status: 'RESOURCE_EXHAUSTED', reason: 'STORE_FULL' };
    const fill = async () => {
      for (let at = 0; at < 100; at++) await set(`k${at}`);
    };
    await assert.rejects(fill(), full);
    await assert.rejects(tasks.put(task, state, by, signal), full);
    await assert.rejects(schemas.register({ namespace: 'n', name: 'z' }, document, options, signal), full);
    assert.deepEqual((await tasks.remove(task, by, signal)).removed, true);
    assert.deepEqual(await schemas.remove({ namespace: 'n', name: 's' }, 'all', undefined, signal), {
      outcome: 'deleted',
    });
    assert.equal(await cache.delete('n', ['k0', 'k1'], signal), 2);
    await set('k0');
    await assert.rejects(fill(), full);
    await cache.clear('n', signal);
  });
});
