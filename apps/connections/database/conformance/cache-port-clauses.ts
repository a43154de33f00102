/** CA-8xx: what callers of v1 cannot ask for, and the services rely on. */
import assert from 'node:assert/strict';
import {
  bytes,
  type CacheClause,
  hourMs,
  listed,
  rangeOf,
  setKeys,
  setTexts,
  texts,
  walked,
} from './cache-acts.ts';
import { rejectsWith } from './rejections.ts';

export const cachePortClauses: readonly CacheClause[] = [
  {
    id: 'CA-801',
    title: 'a set with an expiry that has passed leaves no entry',
    async run(world) {
      const { port, namespace, signal, now } = world;
      await setTexts(world, { k: 'before', other: '1' });
      await port.set(namespace, [{ key: 'k', value: bytes('after'), expiresAt: now() - 1_000 }], signal);
      assert.deepEqual(await texts(world, 'k', 'other'), [undefined, '1']);
      assert.deepEqual(await listed(world), ['other']);
    },
  },
  {
    id: 'CA-802',
    title: 'maxBytes bounds a page whatever it is',
    async run(world) {
      await setTexts(world, { a: '12345678', b: '12345678', c: '12345678' });
      const keys = await listed(world, { maxBytes: 18 });
      assert.deepEqual(keys, ['a', 'b']);
      assert.deepEqual(await listed(world, { maxBytes: 1 }), ['a']);
    },
  },
  {
    id: 'CA-803',
    title: 'a list goes on after a key that never was',
    async run(world) {
      await setTexts(world, { a: '1', c: '1' });
      assert.deepEqual(await listed(world, { after: 'b' }), ['c']);
    },
  },
  {
    id: 'CA-804',
    title: 'every call on a closed port rejects with FAILED_PRECONDITION',
    async run({ port, namespace, signal, now }) {
      await port[Symbol.asyncDispose]();
      const entry = { key: 'k', value: bytes('1'), expiresAt: now() + hourMs };
      await rejectsWith('FAILED_PRECONDITION', port.get(namespace, ['k'], signal));
      await rejectsWith('FAILED_PRECONDITION', port.set(namespace, [entry], signal));
      await rejectsWith('FAILED_PRECONDITION', port.delete(namespace, ['k'], signal));
      await rejectsWith('FAILED_PRECONDITION', port.list(namespace, rangeOf({}), signal));
      await rejectsWith('FAILED_PRECONDITION', port.clear(namespace, signal));
      await rejectsWith('FAILED_PRECONDITION', port.ping(signal));
    },
  },
  {
    id: 'CA-805',
    title: 'a list passes over the keys that are not accepted, which count for no bound',
    async run(world) {
      const keys = Array.from({ length: 40 }, (_, at) => `k${10 + at}`);
      await setKeys(world, keys);
      const even = { accept: (key: string) => /[02468]$/.test(key) };
      const wanted = keys.filter(even.accept);
      assert.deepEqual(await walked(world, { ...even, limit: 3 }), wanted);
      // Four keys and values of nine bytes in all, each.
      assert.deepEqual(await listed(world, { ...even, maxBytes: 36 }), wanted.slice(0, 4));
      const page = await world.port.list(world.namespace, rangeOf({ ...even, limit: 20 }), world.signal);
      assert.deepEqual([page.entries.length, page.hasMore], [20, false]);
      assert.deepEqual(await listed(world, { accept: () => false }), []);
    },
  },
];
