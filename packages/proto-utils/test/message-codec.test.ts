/** Codecs share a writer, and no message sees another in it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheService, taskService } from '@connections/proto-utils';

const { response } = cacheService.methods.get;
const entry = (bytes: number, fill: number) => ({
  entry: { key: 'key', value: new Uint8Array(bytes).fill(fill), expireTime: undefined },
});

describe('the codec of a message', () => {
  it('gives each message bytes of its own', () => {
    const first = response.encode(entry(100, 1));
    const copy = Uint8Array.from(first);
    response.encode(entry(100, 2));
    assert.deepEqual(first, copy);
    assert.deepEqual(response.decode(first), entry(100, 1));
  });

  it('encodes messages of any size after one another', () => {
    for (const bytes of [10, 200_000, 0, 65_536, 5]) {
      assert.deepEqual(response.decode(response.encode(entry(bytes, 7))), entry(bytes, 7));
    }
  });

  it('encodes well after a message that cannot be encoded', () => {
    const { request } = taskService.methods.patch;
    const wrong = request.create({ category: 'c', id: 'i', expectedRevision: 2n ** 64n });
    assert.throws(() => request.encode(wrong), /too large/);
    const right = request.create({ category: 'c', id: 'i' });
    assert.deepEqual(request.decode(request.encode(right)), right);
  });
});
