/** CA-1xx: what makes a key, and that a value comes back as it went in. */
import assert from 'node:assert/strict';
import { bytes, type CacheClause, hourMs, setKeys, setTexts, texts } from './cache-acts.ts';

export const cacheIdentityClauses: readonly CacheClause[] = [
  {
    id: 'CA-101',
    title: 'a key that was never set has no entry',
    async run(world) {
      await setTexts(world, { there: '1' });
      assert.deepEqual(await texts(world, 'never'), [undefined]);
    },
  },
  {
    id: 'CA-102',
    title: 'a value comes back byte for byte',
    async run({ port, namespace, signal, now }) {
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await port.set(namespace, [{ key: 'k', value, expiresAt: now() + hourMs }], signal);
      const [entry] = await port.get(namespace, ['k'], signal);
      assert.deepEqual([...(entry?.value ?? [])], [...value]);
    },
  },
  {
    id: 'CA-103',
    title: 'an empty value is an entry',
    async run(world) {
      await setTexts(world, { k: '' });
      assert.deepEqual(await texts(world, 'k'), ['']);
    },
  },
  {
    id: 'CA-104',
    title: 'a value of 1 MiB comes back whole',
    async run({ port, namespace, signal, now }) {
      const value = Buffer.from(Array.from({ length: 1_048_576 }, (_, index) => (index * 31) % 251));
      await port.set(namespace, [{ key: 'k', value, expiresAt: now() + hourMs }], signal);
      const [entry] = await port.get(namespace, ['k'], signal);
      assert.ok(value.equals(entry?.value ?? bytes('')), 'other bytes came back');
    },
  },
  {
    id: 'CA-105',
    title: 'keys that differ only in case are different keys',
    async run(world) {
      await setTexts(world, { key: 'lower', KEY: 'upper' });
      assert.deepEqual(await texts(world, 'key', 'KEY', 'Key'), ['lower', 'upper', undefined]);
    },
  },
  {
    id: 'CA-106',
    title: 'keys that look alike in Unicode are different keys',
    async run(world) {
      await setTexts(world, { '\u00e9': 'composed', 'e\u0301': 'decomposed' });
      assert.deepEqual(await texts(world, '\u00e9', 'e\u0301'), ['composed', 'decomposed']);
    },
  },
  {
    id: 'CA-107',
    title: 'a key of any characters is a key like any other',
    async run(world) {
      const keys = ['__proto__', 'a.b', '$x', 'a:b', 'a/b', ' ', '*', '[a]', '{a}', 'a\\b', '%00', '😀'];
      await setKeys(world, keys);
      assert.deepEqual(
        await texts(world, ...keys),
        keys.map((key) => `of ${key}`),
      );
    },
  },
  {
    id: 'CA-108',
    title: 'keys of 512 bytes that differ in the last one are different keys',
    async run(world) {
      const long = 'k'.repeat(511);
      await setTexts(world, { [`${long}1`]: 'one', [`${long}2`]: 'two' });
      assert.deepEqual(await texts(world, `${long}1`, `${long}2`, long), ['one', 'two', undefined]);
    },
  },
  {
    id: 'CA-109',
    title: 'the same key in two namespaces is two entries',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await setTexts(world, { k: 'here', '-bk': 'here too' });
      await setTexts(other, { k: 'there' });
      assert.deepEqual(await texts(world, 'k', '-bk'), ['here', 'here too']);
      assert.deepEqual(await texts(other, 'k', '-bk'), ['there', undefined]);
    },
  },
  {
    id: 'CA-110',
    title: 'a set replaces the value',
    async run(world) {
      await setTexts(world, { k: 'a longer first value' });
      await setTexts(world, { k: 'second' });
      assert.deepEqual(await texts(world, 'k'), ['second']);
    },
  },
  {
    id: 'CA-111',
    title: 'a get of several keys answers in their order',
    async run(world) {
      await setTexts(world, { a: '1', b: '2', c: '3' });
      assert.deepEqual(await texts(world, 'c', 'never', 'a', 'c', 'b'), ['3', undefined, '1', '3', '2']);
    },
  },
  {
    id: 'CA-112',
    title: 'an entry tells its key and its expiry',
    async run(world) {
      const expected = world.now() + hourMs;
      await setTexts(world, { k: '1' });
      const [entry] = await world.port.get(world.namespace, ['k'], world.signal);
      assert.equal(entry?.key, 'k');
      const offMs = Math.abs(entry.expiresAt - expected);
      assert.ok(offMs < 1_000, `the expiry is off by ${offMs} ms`);
    },
  },
];
