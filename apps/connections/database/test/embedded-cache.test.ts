/** What the embedded cache promises beyond the contract: sweeping, cheap clearing. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually, TestClock } from '@connections/testing';
import { EmbeddedCache } from '../src/driver/embedded/embedded-cache.ts';
import { openWatchedStore, temporaryFolder, type WatchedStore } from './watched-store.ts';

const { signal } = new AbortController();
const tables = ['cache-entries', 'cache-values', 'cache-expiries', 'cache-cleared'];

async function openCache(context: TestContext, clock = new TestClock(), folder?: string) {
  const store = await openWatchedStore(context, folder);
  const cache = new EmbeddedCache(store, clock);
  context.after(() => cache[Symbol.asyncDispose]());
  return { store, cache, clock };
}

function fill(cache: EmbeddedCache, count: number, expiresAt: number, prefix = 'k'): Promise<void> {
  const entries = Array.from({ length: count }, (_, index) => ({
    key: `${prefix}${index}`,
    value: Buffer.alloc(10),
    expiresAt,
  }));
  return cache.set('n', entries, signal);
}

/** Rows that lie in the tables, seen or not. */
function rows(store: WatchedStore): number[] {
  return tables.map((name) => [...store.table(name).keys({})].length);
}

describe('the embedded cache', () => {
  it('sweeps expired entries from the disk and leaves the others', async (context) => {
    const { store, cache, clock } = await openCache(context);
    await fill(cache, 700, clock.now() + 5_000, 'old');
    await fill(cache, 3, clock.now() + 60_000, 'new');
    await clock.advance(4_000);
    assert.deepEqual(rows(store), [703, 703, 703, 0]);
    await clock.advance(1_500);
    await eventually(() => assert.deepEqual(rows(store), [3, 3, 3, 0]));
    const page = await cache.list(
      'n',
      { prefix: '', after: undefined, limit: 10, maxBytes: 100, keysOnly: true },
      signal,
    );
    assert.equal(page.entries.length, 3);
  });

  it('sweeps an entry at its new expiry when that was moved, and at an earlier one that came later', async (context) => {
    const { store, cache, clock } = await openCache(context);
    await fill(cache, 1, clock.now() + 2_000);
    await fill(cache, 1, clock.now() + 20_000);
    await fill(cache, 1, clock.now() + 10_000, 'other');
    await clock.advance(10_500);
    await eventually(() => assert.deepEqual(rows(store), [1, 1, 1, 0]));
    await clock.advance(9_000);
    assert.deepEqual(rows(store), [1, 1, 1, 0]);
    await eventually(async () => {
      await clock.advance(1_000);
      assert.deepEqual(rows(store), [0, 0, 0, 0]);
    });
  });

  it('clears a namespace at the same cost whatever it holds, and sweeps behind', async (context) => {
    const { store, cache, clock } = await openCache(context);
    const costs: number[] = [];
    for (const count of [1, 2_000]) {
      await fill(cache, count, clock.now() + 3_600_000);
      store.takeReads();
      await cache.clear('n', signal);
      costs.push(store.takeReads());
    }
    assert.equal(costs[0], costs[1]);
    assert.ok(rows(store)[0] === 2_001);
    await clock.advance(1_000);
    await eventually(async () => {
      await clock.advance(1_000);
      assert.deepEqual(rows(store), [0, 0, 0, 0]);
    });
  });

  it('lets other calls through while it sweeps', async (context) => {
    const { store, cache, clock } = await openCache(context);
    await fill(cache, 20_000, clock.now() + 1_000);
    await clock.advance(1_000);
    let during = 0;
    while ((rows(store)[0] ?? 0) > 0) {
      await cache.get('n', ['k0'], signal);
      await cache.set('n', [{ key: 'live', value: Buffer.of(1), expiresAt: clock.now() + 1 }], signal);
      await cache.delete('n', ['live'], signal);
      during++;
    }
    assert.ok(during >= 10, `${during} calls got their turn`);
  });

  it('goes on sweeping after a restart', async (context) => {
    const folder = temporaryFolder(context);
    const clock = new TestClock();
    const first = await openCache(context, clock, folder);
    await fill(first.cache, 500, clock.now() + 3_600_000);
    await first.cache.clear('n', signal);
    await fill(first.cache, 500, clock.now() + 5_000);
    await first.cache[Symbol.asyncDispose]();
    await first.store[Symbol.asyncDispose]();
    const { store } = await openCache(context, clock, folder);
    assert.deepEqual(rows(store), [1_000, 1_000, 1_000, 1]);
    await clock.advance(5_000);
    await eventually(async () => {
      await clock.advance(1_000);
      assert.deepEqual(rows(store), [0, 0, 0, 0]);
    });
  });

  it('reads what it is asked for, whatever else there is', async (context) => {
    const { store, cache, clock } = await openCache(context);
    const costs: number[][] = [];
    for (const prefix of ['a', 'b', 'c']) {
      await fill(cache, 1_000, clock.now() + 3_600_000, prefix);
      // The first read of a namespace looks that up, too.
      await cache.get('n', ['a1'], signal);
      store.takeReads();
      await cache.get('n', ['a1', 'a2'], signal);
      const get = store.takeReads();
      const range = { prefix: 'a', after: 'a5', limit: 10, maxBytes: 10_000, keysOnly: false };
      await cache.list('n', range, signal);
      const list = store.takeReads();
      await cache.delete('n', ['never'], signal);
      costs.push([get, list, store.takeReads()]);
    }
    assert.deepEqual(costs[1], costs[0]);
    assert.deepEqual(costs[2], costs[0]);
  });
});
