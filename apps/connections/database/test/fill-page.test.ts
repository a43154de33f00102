/** Tests that pages bounded in bytes lose nothing and say when there is more. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fillPage } from '../src/service/fill-page.ts';

const { signal } = new AbortController();
const all = Array.from({ length: 100 }, (_, index) => index + 1);

/** Reads whole numbers up to 100. */
async function read(last: number | undefined, limit: number) {
  const rest = all.slice(last ?? 0);
  return { items: rest.slice(0, limit), hasMore: rest.length > limit };
}

const bounds = { limit: 1_000, maxBytes: 1_000, bytesOf: () => 1, accept: (_: number) => true };

it('reads on until nothing is left', async () => {
  assert.deepEqual(await fillPage(bounds, read, signal), { items: all, hasMore: false });
});

it('ends at its limit, and knows whether there is more', async () => {
  assert.deepEqual(await fillPage({ ...bounds, limit: 99 }, read, signal), {
    items: all.slice(0, 99),
    hasMore: true,
  });
  assert.deepEqual(await fillPage({ ...bounds, limit: 100 }, read, signal), { items: all, hasMore: false });
});

it('ends before the item that would pass its bytes, but never empty', async () => {
  const ten = { ...bounds, maxBytes: 35, bytesOf: () => 10 };
  assert.deepEqual(await fillPage(ten, read, signal), { items: [1, 2, 3], hasMore: true });
  assert.deepEqual(await fillPage({ ...ten, maxBytes: 5 }, read, signal), { items: [1], hasMore: true });
});

it('counts only what is accepted', async () => {
  const even = { ...bounds, accept: (item: number) => item % 2 === 0 };
  assert.deepEqual(await fillPage({ ...even, limit: 2 }, read, signal), { items: [2, 4], hasMore: true });
  const hundred = { ...bounds, limit: 1, accept: (item: number) => item === 100 };
  assert.deepEqual(await fillPage(hundred, read, signal), { items: [100], hasMore: false });
});
