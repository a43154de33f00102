/** Writes: whole or not at all, in order, bounded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tupleKey } from '../src/index.ts';
import { openStore, temporaryFolder, temporaryStore } from './temporary-store.ts';

const key = tupleKey('k');

describe('a write', () => {
  it('that throws takes only its own changes back, among others of the same commit', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('numbers');
    await store.write(() => table.put(tupleKey('old'), 0));
    const writes = Array.from({ length: 100 }, (_, index) =>
      store.write(() => {
        table.put(tupleKey('n', index), index);
        if (index % 3 !== 1) return;
        table.put(tupleKey('old'), index);
        table.remove(tupleKey('n', index - 1));
        throw new Error(`no ${index}`);
      }),
    );
    const outcomes = await Promise.allSettled(writes);
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 3 === 1) {
        assert.ok(outcome.status === 'rejected' && outcome.reason.message === `no ${index}`);
      } else {
        assert.equal(outcome.status, 'fulfilled');
      }
      assert.equal(table.get(tupleKey('n', index)), index % 3 === 1 ? undefined : index);
    }
    assert.equal(table.get(tupleKey('old')), 0);
  });

  it('sees the changes of every earlier one and its own', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('numbers');
    const increments = Array.from({ length: 200 }, () =>
      store.write(() => {
        table.put(key, (table.get(key) ?? 0) + 1);
        return table.get(key);
      }),
    );
    assert.deepEqual(
      await Promise.all(increments),
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    assert.equal(table.get(key), 200);
  });

  it('resolves with what the change returns, whatever that is', async (context) => {
    const store = await temporaryStore(context);
    const promise = Promise.resolve(7);
    // The number by which LMDB is told to abort.
    for (const value of [undefined, 4.452694326329068e-106, 'text']) {
      assert.equal(await store.write(() => value), value);
    }
    assert.equal(await store.write(() => ({ promise })).then((held) => held.promise), 7);
  });

  it('whose signal is aborted before it runs changes nothing and rejects with the reason', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('numbers');
    const reason = new Error('gone');
    await assert.rejects(
      store.write(() => table.put(key, 1), { signal: AbortSignal.abort(reason) }),
      reason,
    );
    const controller = new AbortController();
    const late = store.write(() => table.put(key, 1), { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(late, reason);
    assert.equal(table.get(key), undefined);
  });

  it('to a full store fails with STORE_FULL, one that frees space does not and makes room', async (context) => {
    const maxBytes = 1_048_576;
    const store = await temporaryStore(context, { maxBytes });
    const table = store.table<Uint8Array>('values');
    const fill = async () => {
      let index = 0;
      for (; index < 1_000; index++) {
        const position = index;
        await store.write(() => table.put(tupleKey('v', position), Buffer.alloc(10_000)));
      }
      return index;
    };
    await assert.rejects(fill(), { status: 'RESOURCE_EXHAUSTED', reason: 'STORE_FULL' });
    const kept = [...table.keys({})].length;
    assert.ok(kept * 10_000 > 0.7 * maxBytes && kept * 10_000 < 1.1 * maxBytes, `${kept} values fit`);
    await store.write(
      () => {
        for (const each of table.keys({ limit: 50 })) table.remove(each);
      },
      { frees: true },
    );
    await store.write(() => table.put(tupleKey('v', 0), Buffer.alloc(10_000)));
  });

  it('takes room that the store tells of, beside its limit, until it is closed', async (context) => {
    const store = await temporaryStore(context, { maxBytes: 1_048_576 });
    const table = store.table<Uint8Array>('values');
    const empty = store.space();
    assert.equal(empty.limitBytes, 1_048_576);
    await store.write(() => table.put(tupleKey('v', 0), Buffer.alloc(100_000)));
    const grown = store.space().usedBytes - empty.usedBytes;
    assert.ok(grown >= 100_000 && grown < 120_000, `it grew by ${grown} bytes`);
    await store.write(() => table.remove(tupleKey('v', 0)));
    assert.ok(store.space().usedBytes < empty.usedBytes + 20_000);
    await store[Symbol.asyncDispose]();
    assert.throws(() => store.space(), { reason: 'CLOSED' });
  });

  it('passes the limit of a full store by few changes however many are asked for at once', async (context) => {
    const store = await temporaryStore(context, { maxBytes: 500_000 });
    const table = store.table<Uint8Array>('values');
    const writes = Array.from({ length: 1_000 }, (_, index) =>
      store.write(() => table.put(tupleKey('v', index), Buffer.alloc(10_000))),
    );
    const outcomes = await Promise.allSettled(writes);
    const written = outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
    assert.ok(written >= 32 && written <= 100, `${written} were written`);
  });

  it('outside of which a table is changed is missed', async (context) => {
    const store = await temporaryStore(context);
    const table = store.table<number>('numbers');
    assert.throws(() => table.put(key, 1), /inside a write only/);
    await store.write(() => {});
    assert.throws(() => table.remove(key), /inside a write only/);
  });

  it('cannot open a table', async (context) => {
    const store = await temporaryStore(context);
    await assert.rejects(
      store.write(() => void store.table('new')),
      /opened inside a write/,
    );
  });

  for (const sync of ['second', 'always'] as const) {
    it(`survives close and reopen with sync ${sync}`, async (context) => {
      const folder = temporaryFolder(context);
      const store = await openStore(folder, { sync });
      const table = store.table<number>('numbers');
      await store.write(() => table.put(key, 1));
      await store[Symbol.asyncDispose]();
      await using again = await openStore(folder, { sync });
      assert.equal(again.table<number>('numbers').get(key), 1);
    });
  }
});

describe('a closed store', () => {
  it('has finished the writes it had taken and refuses all else', async (context) => {
    const folder = temporaryFolder(context);
    const store = await openStore(folder);
    const table = store.table<number>('numbers');
    const writes = Array.from({ length: 50 }, (_, index) =>
      store.write(() => table.put(tupleKey(index), index)),
    );
    const closing = store[Symbol.asyncDispose]();
    const closed = { status: 'FAILED_PRECONDITION', reason: 'CLOSED' };
    await assert.rejects(
      store.write(() => {}),
      closed,
    );
    await Promise.all([...writes, closing, store[Symbol.asyncDispose]()]);
    assert.throws(() => table.get(key), closed);
    assert.throws(() => [...table.keys({})], closed);
    assert.throws(() => store.table('other'), closed);
    await using again = await openStore(folder);
    assert.equal([...again.table('numbers').keys({})].length, 50);
  });
});
