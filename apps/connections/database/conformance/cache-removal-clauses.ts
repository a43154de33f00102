/** CA-4xx: what delete and clear remove, and what they leave. */
import assert from 'node:assert/strict';
import { type CacheClause, listed, setKeys, setTexts, texts } from './cache-acts.ts';

export const cacheRemovalClauses: readonly CacheClause[] = [
  {
    id: 'CA-401',
    title: 'a delete removes the entries it names and no other',
    async run(world) {
      await setKeys(world, ['a', 'b', 'c', 'ab']);
      await world.port.delete(world.namespace, ['a', 'c'], world.signal);
      assert.deepEqual(await texts(world, 'a', 'b', 'c', 'ab'), [undefined, 'of b', undefined, 'of ab']);
      assert.deepEqual(await listed(world), ['ab', 'b']);
    },
  },
  {
    id: 'CA-402',
    title: 'a delete counts the entries that were there',
    async run(world) {
      await setKeys(world, ['a', 'b']);
      assert.equal(await world.port.delete(world.namespace, ['a', 'b', 'never'], world.signal), 2);
      assert.equal(await world.port.delete(world.namespace, ['a', 'b', 'never'], world.signal), 0);
    },
  },
  {
    id: 'CA-403',
    title: 'a key that a delete names twice counts once',
    async run(world) {
      await setKeys(world, ['a']);
      assert.equal(await world.port.delete(world.namespace, ['a', 'a'], world.signal), 1);
    },
  },
  {
    id: 'CA-404',
    title: 'a delete leaves the same key of another namespace',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await setKeys(world, ['a']);
      await setKeys(other, ['a']);
      await world.port.delete(world.namespace, ['a'], world.signal);
      assert.deepEqual(await texts(other, 'a'), ['of a']);
    },
  },
  {
    id: 'CA-405',
    title: 'a deleted key can be set again',
    async run(world) {
      await setTexts(world, { k: 'first' });
      await world.port.delete(world.namespace, ['k'], world.signal);
      await setTexts(world, { k: 'second' });
      assert.deepEqual(await texts(world, 'k'), ['second']);
      assert.deepEqual(await listed(world), ['k']);
    },
  },
  {
    id: 'CA-406',
    title: 'a clear removes every entry of the namespace',
    async run(world) {
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
      await setKeys(world, keys);
      await world.port.clear(world.namespace, world.signal);
      assert.deepEqual(await listed(world), []);
      assert.deepEqual(await texts(world, 'k0', 'k50', 'k99'), [undefined, undefined, undefined]);
      assert.equal(await world.port.delete(world.namespace, ['k0'], world.signal), 0);
    },
  },
  {
    id: 'CA-407',
    title: 'a clear leaves every other namespace',
    async run(world) {
      const longer = { ...world, namespace: `${world.namespace}-b` };
      const shorter = { ...world, namespace: world.namespace.slice(0, -1) };
      await setKeys(world, ['a']);
      await setKeys(longer, ['b']);
      await setKeys(shorter, ['c']);
      await world.port.clear(world.namespace, world.signal);
      assert.deepEqual(await listed(longer), ['b']);
      assert.deepEqual(await listed(shorter), ['c']);
    },
  },
  {
    id: 'CA-408',
    title: 'what is set after a clear stands and brings nothing back',
    async run(world) {
      await setKeys(world, ['a', 'b', 'c']);
      await world.port.clear(world.namespace, world.signal);
      await setTexts(world, { b: 'new' });
      // Long enough for a driver that reclaims cleared entries behind the call.
      await world.passTime(2_000);
      assert.deepEqual(await texts(world, 'a', 'b', 'c'), [undefined, 'new', undefined]);
      assert.deepEqual(await listed(world), ['b']);
    },
  },
  {
    id: 'CA-409',
    title: 'a namespace can be cleared while it is empty, and again',
    async run(world) {
      await world.port.clear(world.namespace, world.signal);
      await setKeys(world, ['a']);
      await world.port.clear(world.namespace, world.signal);
      await world.port.clear(world.namespace, world.signal);
      await setKeys(world, ['b']);
      assert.deepEqual(await listed(world), ['b']);
    },
  },
];
