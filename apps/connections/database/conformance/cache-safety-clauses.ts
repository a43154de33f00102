/** CA-5xx: concurrent calls, acknowledged writes, aborted calls. */
import assert from 'node:assert/strict';
import { bytes, type CacheClause, hourMs, listed, rangeOf, setKeys, setTexts, texts } from './cache-acts.ts';
import { cancelled, rejectsWith } from './rejections.ts';

export const cacheSafetyClauses: readonly CacheClause[] = [
  {
    id: 'CA-501',
    title: 'concurrent sets of one key leave one of them whole',
    async run(world) {
      const values = Array.from({ length: 16 }, (_, index) => String.fromCharCode(97 + index).repeat(2_000));
      await Promise.all(values.map((value) => setTexts(world, { k: value })));
      const [left] = await texts(world, 'k');
      assert.ok(left !== undefined && values.includes(left), 'what is left was never set');
    },
  },
  {
    id: 'CA-502',
    title: 'concurrent sets of many keys are all there',
    async run(world) {
      const keys = Array.from({ length: 100 }, (_, index) => `k${String(index).padStart(3, '0')}`);
      await Promise.all(keys.map((key) => setKeys(world, [key])));
      assert.deepEqual(await listed(world), keys);
    },
  },
  {
    id: 'CA-503',
    title: 'of concurrent deletes of one entry one counts it',
    async run(world) {
      await setKeys(world, ['k']);
      const counts = await Promise.all(
        Array.from({ length: 8 }, () => world.port.delete(world.namespace, ['k'], world.signal)),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        1,
      );
    },
  },
  {
    id: 'CA-504',
    title: 'a set that has resolved is seen by every later read',
    async run(world) {
      for (let index = 0; index < 10; index++) {
        await setTexts(world, { k: String(index), [`k${index}`]: '' });
        const [read, keys] = await Promise.all([texts(world, 'k'), listed(world)]);
        assert.deepEqual(read, [String(index)]);
        assert.equal(keys.length, index + 2);
      }
    },
  },
  {
    id: 'CA-505',
    title: 'what was set survives a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await setTexts(world, { a: 'one', b: '' });
      const again = { ...world, port: await world.reopen() };
      assert.deepEqual(await texts(again, 'a', 'b'), ['one', '']);
      assert.deepEqual(await listed(again), ['a', 'b']);
    },
  },
  {
    id: 'CA-506',
    title: 'what was removed stays removed over a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      const cleared = { ...world, namespace: `${world.namespace}-b` };
      await setKeys(world, ['a', 'b']);
      await setKeys(cleared, ['c']);
      await world.port.delete(world.namespace, ['a'], world.signal);
      await world.port.clear(cleared.namespace, world.signal);
      const port = await world.reopen();
      assert.deepEqual(await listed({ ...world, port }), ['b']);
      assert.deepEqual(await listed({ ...cleared, port }), []);
    },
  },
  {
    id: 'CA-507',
    title: 'an aborted write changes nothing',
    async run(world) {
      const { port, namespace, now } = world;
      await setTexts(world, { k: 'before' });
      const entry = { key: 'k', value: bytes('after'), expiresAt: now() + hourMs };
      await rejectsWith('CANCELLED', port.set(namespace, [entry], cancelled));
      await rejectsWith('CANCELLED', port.delete(namespace, ['k'], cancelled));
      await rejectsWith('CANCELLED', port.clear(namespace, cancelled));
      assert.deepEqual(await texts(world, 'k'), ['before']);
    },
  },
  {
    id: 'CA-508',
    title: 'an aborted read rejects',
    async run(world) {
      await setKeys(world, ['k']);
      await rejectsWith('CANCELLED', world.port.get(world.namespace, ['k'], cancelled));
      await rejectsWith('CANCELLED', world.port.list(world.namespace, rangeOf({}), cancelled));
    },
  },
  {
    id: 'CA-509',
    title: 'a ping resolves while the store answers',
    async run(world) {
      await world.port.ping(world.signal);
      await setKeys(world, ['k']);
      await world.port.ping(world.signal);
      assert.deepEqual(await listed(world), ['k']);
    },
  },
];
