/** gzip of single messages, and what a message costs that becomes larger than allowed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  acceptsGzip,
  compressMessage,
  inflateMessage,
  isCompressed,
} from '../src/protocol/message-compression.ts';
import { failureOf } from './wait-until.ts';

const mebibyte = 1_048_576;

/** What it throws as what it rejects with. */
async function inflate(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return inflateMessage(bytes, maxBytes);
}

describe('a compressed message', () => {
  it('is the same after a round trip', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (message) => {
        assert.deepEqual(await inflate(gzipSync(message), 2_000), Uint8Array.from(message));
      }),
    );
  });

  it('may be as large as the limit, and no larger', async () => {
    for (const limit of [100, 65_536, 65_537, mebibyte]) {
      assert.equal((await inflate(gzipSync(new Uint8Array(limit)), limit)).length, limit);
      const failure = await failureOf(inflate(gzipSync(new Uint8Array(limit + 1)), limit));
      assert.equal(failure.status, 'RESOURCE_EXHAUSTED');
    }
  });

  it('that would become huge costs no more than the limit', async () => {
    const bomb = gzipSync(new Uint8Array(256 * mebibyte));
    const before = process.memoryUsage.rss();
    assert.equal((await failureOf(inflate(bomb, 4 * mebibyte))).status, 'RESOURCE_EXHAUSTED');
    const grown = (process.memoryUsage.rss() - before) / mebibyte;
    assert.ok(grown < 32, `grew by ${grown.toFixed()} MiB`);
  });

  it('that is not gzip, or is cut short, is refused', async () => {
    const whole = gzipSync(new Uint8Array(1_000));
    for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(), whole.subarray(0, -9)]) {
      assert.equal((await failureOf(inflate(bytes, 1_000))).status, 'INTERNAL');
    }
  });

  it('is made only when it becomes smaller', () => {
    assert.equal(compressMessage(crypto.getRandomValues(new Uint8Array(1_000))), undefined);
    assert.equal(compressMessage(new Uint8Array(20)), undefined);
    assert.ok((compressMessage(new Uint8Array(1_000))?.length ?? 1_000) < 1_000);
  });
});

describe('the encodings of a call', () => {
  it('are gzip and none', () => {
    assert.deepEqual(['gzip', 'identity', undefined].map(isCompressed), [true, false, false]);
    assert.deepEqual(['deflate', 'zstd', '', 'GZIP'].map(isCompressed), Array(4).fill(undefined));
  });

  it('are accepted in a list', () => {
    assert.deepEqual(['identity, gzip', 'gzip', 'deflate,gzip,br'].map(acceptsGzip), [true, true, true]);
    assert.deepEqual(['identity', 'xgzip', '', undefined].map(acceptsGzip), Array(4).fill(false));
  });
});
