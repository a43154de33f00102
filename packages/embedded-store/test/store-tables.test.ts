/** Tables: order, ranges, values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tupleKey, tupleRange } from '../src/index.ts';
import { temporaryStore } from './temporary-store.ts';

describe('a table', () => {
  it('gives back the plain data that was put', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<unknown>('values');
    const value = {
      text: 'ß',
      big: 2 ** 52 + 1,
      fraction: 1.5,
      negative: -7,
      missing: undefined,
      list: [1, { yes: true }, null],
      map: new Map([
        ['__proto__', 'own'],
        ['constructor', ''],
        ['a.b', '$x'],
      ]),
    };
    await store.write(() => table.put(tupleKey('v'), value));
    assert.deepEqual(table.get(tupleKey('v')), value);
  });

  it('gives back bytes byte for byte, up to megabytes', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<{ bytes: Uint8Array }>('values');
    for (const length of [0, 1, 5_000, 3_145_728]) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);
      await store.write(() => table.put(tupleKey('v'), { bytes }));
      const back = table.get(tupleKey('v'))?.bytes;
      assert.ok(back instanceof Uint8Array && Buffer.compare(back, bytes) === 0);
      // What was read stays what it is when the next read comes.
      await store.write(() => table.put(tupleKey('v'), { bytes: new Uint8Array(length).fill(9) }));
      table.get(tupleKey('v'));
      assert.equal(Buffer.compare(back, bytes), 0);
    }
  });

  it('tells whether a removed key was there', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('values');
    await store.write(() => table.put(tupleKey('v'), 1));
    const remove = () => store.write(() => table.remove(tupleKey('v')));
    assert.deepEqual([await remove(), await remove()], [true, false]);
    assert.equal(table.has(tupleKey('v')), false);
  });

  it('walks any range in both directions as a sorted list does', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('values');
    const numbers = Array.from({ length: 300 }, (_, index) => index * 3);
    await store.write(() => {
      for (const number of numbers) table.put(tupleKey(number), number);
    });
    const bound = fc.option(fc.nat(910), { nil: undefined });
    const limit = fc.option(fc.nat(320), { nil: undefined });
    fc.assert(
      fc.property(bound, bound, fc.boolean(), limit, (start, end, reverse, most) => {
        const range = {
          ...(start !== undefined && { start: tupleKey(start) }),
          ...(end !== undefined && { end: tupleKey(end) }),
          ...(most !== undefined && { limit: most }),
          reverse,
        };
        const inside = numbers.filter((number) => number >= (start ?? 0) && number < (end ?? 1_000));
        const expected = (reverse ? inside.reverse() : inside).slice(0, most);
        assert.deepEqual(
          [...table.entries(range)].map((entry) => entry.value),
          expected,
        );
        assert.deepEqual(
          [...table.keys(range)].map(Buffer.from),
          expected.map((number) => tupleKey(number)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('may be changed while a range of it is walked', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('values');
    await store.write(() => {
      for (let index = 0; index < 500; index++) table.put(tupleKey('n', index), index);
    });
    const seen = await store.write(() => {
      let count = 0;
      for (const { key, value } of table.entries(tupleRange(['n']))) {
        count++;
        table.remove(key);
        if (value % 2 === 0 && value + 1 < 500) table.remove(tupleKey('n', value + 1));
      }
      return count;
    });
    assert.equal(seen, 250);
    assert.deepEqual([...table.keys({})], []);
  });

  it('begins at its beginning for a range from the empty key', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('values');
    await store.write(() => table.put(tupleKey('v'), 1));
    assert.equal([...table.keys(tupleRange([]))].length, 1);
    assert.equal([...table.keys({ ...tupleRange([]), reverse: true })].length, 1);
  });

  it('takes keys of 1 900 bytes and refuses longer ones without harm to the write', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('values');
    await store.write(() => table.put(Buffer.alloc(1_900, 1), 1));
    await assert.rejects(store.write(() => table.put(Buffer.alloc(3_000, 1), 1)));
    await store.write(() => table.put(tupleKey('v'), 1));
    assert.equal([...table.keys({})].length, 2);
  });
});
