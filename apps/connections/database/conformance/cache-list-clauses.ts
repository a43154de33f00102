/** CA-3xx: what a list holds, in which order, and how its pages fit together. */
import assert from 'node:assert/strict';
import { limits } from '@connections/runtime';
import { type CacheClause, hourMs, listed, pages, rangeOf, setKeys, setTexts, walked } from './cache-acts.ts';

const numbered = (count: number, prefix = 'k') =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);

export const cacheListClauses: readonly CacheClause[] = [
  {
    id: 'CA-301',
    title: 'a list is in the order of the UTF-8 bytes of the keys',
    async run(world) {
      // UTF-16 would put the emoji before the fullwidth letter, a locale would mix the cases.
      const ordered = ['A', 'Z', 'a', 'a.', 'aa', 'b', 'é', 'ａ', '😀'];
      await setKeys(world, ordered.toReversed());
      assert.deepEqual(await listed(world), ordered);
    },
  },
  {
    id: 'CA-302',
    title: 'a list holds the keys that start with the prefix, the prefix itself among them',
    async run(world) {
      await setKeys(world, ['us', 'user', 'user:', 'user:1', 'user:2', 'userx', 'v']);
      assert.deepEqual(await listed(world, { prefix: 'user:' }), ['user:', 'user:1', 'user:2']);
    },
  },
  {
    id: 'CA-303',
    title: 'every character of a prefix stands for itself',
    async run(world) {
      const prefixes = ['a*', 'a?', '[ab]', 'a\\', 'a.', 'a%', 'a_', '^a', '{a}', '__proto__'];
      const decoys = ['ab', 'abc', 'b', 'xa', 'A*'];
      await setKeys(world, [...prefixes.map((prefix) => `${prefix}1`), ...decoys]);
      for (const prefix of prefixes) assert.deepEqual(await listed(world, { prefix }), [`${prefix}1`]);
    },
  },
  {
    id: 'CA-304',
    title: 'an empty prefix lists its namespace and no other',
    async run(world) {
      await setKeys(world, ['a', 'b']);
      await setKeys({ ...world, namespace: `${world.namespace}-b` }, ['c']);
      assert.deepEqual(await listed(world), ['a', 'b']);
    },
  },
  {
    id: 'CA-305',
    title: 'a page holds at most its limit and says whether more follow',
    async run(world) {
      await setKeys(world, ['a', 'b', 'c']);
      const page = (range: object) => world.port.list(world.namespace, rangeOf(range), world.signal);
      const first = await page({ limit: 2 });
      const rest = await page({ limit: 2, after: 'b' });
      const exact = await page({ limit: 3 });
      assert.deepEqual(
        [first, rest, exact].map(({ entries, hasMore }) => [entries.length, hasMore]),
        [
          [2, true],
          [1, false],
          [3, false],
        ],
      );
    },
  },
  {
    id: 'CA-306',
    title: 'the pages of a prefix hold each of its entries once',
    async run(world) {
      const keys = numbered(23);
      await setKeys(world, [...keys, 'j', 'l']);
      assert.deepEqual(await walked(world, { prefix: 'k', limit: 5 }), keys);
    },
  },
  {
    id: 'CA-307',
    title: 'a list goes on after a key that was removed meanwhile',
    async run(world) {
      const keys = numbered(6);
      await setKeys(world, keys);
      const met: string[] = [];
      for await (const page of pages(world, { limit: 2 })) {
        met.push(...page.map((entry) => entry.key));
        await world.port.delete(world.namespace, met, world.signal);
      }
      assert.deepEqual(met, keys);
    },
  },
  {
    id: 'CA-308',
    title: 'an entry that stands throughout is listed once while others come and go',
    async run(world) {
      const standing = numbered(20);
      await setKeys(world, [...standing, ...numbered(20, 'k0'), ...numbered(20, 'a')]);
      const met: string[] = [];
      let turn = 0;
      for await (const page of pages(world, { limit: 4 })) {
        met.push(...page.map((entry) => entry.key));
        const at = String(turn++).padStart(3, '0');
        await world.port.delete(world.namespace, [`k0${at}`, `a${at}`], world.signal);
        await setKeys(world, [`a-new${at}`, `a-newer${at}`, `k-new${at}`, `z${at}`]);
        if (turn > 100) assert.fail('the list does not end');
      }
      const again = met.filter((key) => standing.includes(key));
      assert.deepEqual(again, standing);
    },
  },
  {
    id: 'CA-309',
    title: 'a list of keys has their expiries and no values',
    async run(world) {
      const expected = world.now() + hourMs;
      await setTexts(world, { a: 'value' });
      const { entries } = await world.port.list(world.namespace, rangeOf({ keysOnly: true }), world.signal);
      assert.deepEqual(
        entries.map(({ key, value }) => [key, value.length]),
        [['a', 0]],
      );
      assert.ok(Math.abs((entries[0]?.expiresAt ?? 0) - expected) < 1_000);
    },
  },
  {
    id: 'CA-310',
    title: 'a list has the values and expiries of its entries',
    async run(world) {
      await setTexts(world, { a: 'one', b: 'two' });
      const { entries } = await world.port.list(world.namespace, rangeOf({}), world.signal);
      const got = await world.port.get(world.namespace, ['a', 'b'], world.signal);
      const plain = (entry: (typeof got)[number]) => ({ ...entry, value: String(entry?.value) });
      assert.deepEqual(entries.map(plain), got.map(plain));
    },
  },
  {
    id: 'CA-311',
    title: 'a page ends before its keys and values pass maxBytes',
    async run(world) {
      const value = Buffer.alloc(1_048_576, 7);
      const expiresAt = world.now() + hourMs;
      for (const key of ['a', 'b', 'c']) {
        await world.port.set(world.namespace, [{ key, value, expiresAt }], world.signal);
      }
      // Three values fill the bound to the byte; their keys pass it.
      const lengths: number[] = [];
      for await (const page of pages(world, { maxBytes: limits.pageBytes })) lengths.push(page.length);
      assert.deepEqual(lengths, [2, 1]);
    },
  },
  {
    id: 'CA-312',
    title: 'an entry larger than maxBytes is a page of its own',
    async run(world) {
      const expiresAt = world.now() + hourMs;
      const large = { key: 'b', value: Buffer.alloc(limits.valueBytesCeiling, 7), expiresAt };
      await setKeys(world, ['a', 'c']);
      await world.port.set(world.namespace, [large], world.signal);
      assert.deepEqual(await walked(world, { maxBytes: limits.pageBytes }), ['a', 'b', 'c']);
    },
  },
  {
    id: 'CA-313',
    title: 'a list of a prefix without entries is empty and has no more',
    async run(world) {
      await setKeys(world, ['a', 'c']);
      const page = await world.port.list(world.namespace, rangeOf({ prefix: 'b' }), world.signal);
      assert.deepEqual(page, { entries: [], hasMore: false });
    },
  },
];
