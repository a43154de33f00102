/** CA-2xx: that an entry lives until its expiry and no longer. Lives are short, for drivers that wait in real time. */
import assert from 'node:assert/strict';
import {
  type CacheClause,
  type CacheWorld,
  listed,
  rangeOf,
  setKeys,
  setTexts,
  texts,
} from './cache-acts.ts';

const dayMs = 86_400_000;

/** Past the expiry of all that was set to live no longer than this. */
function outlive({ port, passTime }: CacheWorld, ttlMs: number): Promise<void> {
  return passTime(ttlMs + port.capabilities.expiryResolutionMs);
}

export const cacheExpiryClauses: readonly CacheClause[] = [
  {
    id: 'CA-201',
    title: 'an entry is there before its expiry',
    async run(world) {
      await setTexts(world, { k: '1' }, 3_000);
      await world.passTime(1_000);
      assert.deepEqual(await texts(world, 'k'), ['1']);
    },
  },
  {
    id: 'CA-202',
    title: 'an entry is gone after its expiry',
    async run(world) {
      await setTexts(world, { k: '1' }, 1_000);
      await outlive(world, 1_000);
      assert.deepEqual(await texts(world, 'k'), [undefined]);
    },
  },
  {
    id: 'CA-203',
    title: 'an expired entry is in no list',
    async run(world) {
      await setKeys(world, ['a', 'b', 'd'], 1_000);
      await setKeys(world, ['c']);
      await outlive(world, 1_000);
      const page = await world.port.list(world.namespace, rangeOf({}), world.signal);
      assert.deepEqual(
        page.entries.map((entry) => entry.key),
        ['c'],
      );
      assert.equal(page.hasMore, false);
    },
  },
  {
    id: 'CA-204',
    title: 'a delete does not count an expired entry',
    async run(world) {
      await setKeys(world, ['old'], 1_000);
      await setKeys(world, ['new']);
      await outlive(world, 1_000);
      assert.equal(await world.port.delete(world.namespace, ['old', 'new'], world.signal), 1);
    },
  },
  {
    id: 'CA-205',
    title: 'a set with a later expiry prolongs the entry',
    async run(world) {
      await setTexts(world, { k: 'first' }, 1_000);
      await setTexts(world, { k: 'second' }, dayMs);
      await outlive(world, 1_000);
      assert.deepEqual(await texts(world, 'k'), ['second']);
    },
  },
  {
    id: 'CA-206',
    title: 'a set with an earlier expiry shortens the entry',
    async run(world) {
      await setTexts(world, { k: 'first' }, dayMs);
      await setTexts(world, { k: 'second' }, 1_000);
      await outlive(world, 1_000);
      assert.deepEqual(await texts(world, 'k'), [undefined]);
    },
  },
  {
    id: 'CA-207',
    title: 'entries that are set together expire each in its own time',
    async run({ port, namespace, signal, now, passTime }) {
      const at = now();
      const entry = (key: string, ttlMs: number) => ({ key, value: Buffer.from(key), expiresAt: at + ttlMs });
      await port.set(
        namespace,
        [entry('long', dayMs), entry('short', 1_000), entry('longer', dayMs)],
        signal,
      );
      await passTime(1_000 + port.capabilities.expiryResolutionMs);
      const entries = await port.get(namespace, ['long', 'short', 'longer'], signal);
      assert.deepEqual(
        entries.map((found) => found?.key),
        ['long', undefined, 'longer'],
      );
    },
  },
  {
    id: 'CA-208',
    title: 'a key whose entry has expired can be set again',
    async run(world) {
      await setTexts(world, { k: 'first' }, 1_000);
      await outlive(world, 1_000);
      await setTexts(world, { k: 'second' }, dayMs);
      assert.deepEqual(await texts(world, 'k'), ['second']);
      assert.deepEqual(await listed(world), ['k']);
    },
  },
  {
    id: 'CA-209',
    title: 'an expiry thirty days away is kept',
    async run(world) {
      const expected = world.now() + 30 * dayMs;
      await setTexts(world, { k: '1' }, 30 * dayMs);
      await world.passTime(100);
      const [entry] = await world.port.get(world.namespace, ['k'], world.signal);
      assert.ok(entry, 'the entry is gone');
      assert.ok(Math.abs(entry.expiresAt - expected) < 1_000, `it expires at ${entry.expiresAt}`);
    },
  },
  {
    id: 'CA-210',
    title: 'a reopening neither prolongs nor ends an entry',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await setTexts(world, { short: '1' }, 1_000);
      await setTexts(world, { long: '2' }, dayMs);
      const again = { ...world, port: await world.reopen() };
      await outlive(again, 1_000);
      assert.deepEqual(await texts(again, 'short', 'long'), [undefined, '2']);
    },
  },
];
