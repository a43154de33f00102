/** What a call on a server gives back of the window of its stream. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Http2Stream } from '../src/http2/stream/stream-owner.ts';
import { Metadata } from '../src/metadata.ts';
import { OpenCalls } from '../src/server/open-calls.ts';
import { type CallHost, StreamExchange } from '../src/server/stream-exchange.ts';
import { compressed } from './raw-answer.ts';
import { frame } from './raw-call.ts';
import { waitUntil } from './wait-until.ts';

describe('a message that is inflated off the thread', () => {
  it('keeps what follows it out of the window until somebody awaits that', async () => {
    let released = 0;
    const messages: number[] = [];
    const stream: Http2Stream = {
      id: 1,
      sendHeaders() {},
      sendData: () => true,
      sendTrailers() {},
      reset() {},
      release: (bytes) => {
        released += bytes;
      },
    };
    const receiver = {
      begin: () => exchange.read(),
      message: (_exchange: unknown, { length }: Uint8Array) => void messages.push(length),
      halfClose() {},
      abort() {},
    };
    const host: CallHost = {
      calls: new OpenCalls({}),
      maxRequestBytes: 4_194_304,
      compressFromBytes: Infinity,
      peer: { address: '127.0.0.1', loopback: true, secure: false },
      spareReader: undefined,
    };
    const head = {
      refusal: undefined,
      path: '/test.Notes/Echo',
      serve: () => receiver,
      timeoutMs: undefined,
      compressed: true,
      acceptsGzip: false,
      metadata: () => new Metadata(),
    };
    const exchange = new StreamExchange(stream, head, host);
    exchange.begin(false);
    const large = compressed(gzipSync(Buffer.alloc(200_000)));
    const next = frame(Buffer.alloc(100_000));
    exchange.data(large, 0, large.length, false);
    exchange.data(next, 0, next.length, false);
    assert.equal(released, large.length);
    await waitUntil('it is inflated', () => messages.length === 1);
    assert.equal(released, large.length);
    exchange.read();
    assert.deepEqual(messages, [200_000, 100_000]);
    assert.equal(released, large.length + next.length);
    exchange.closed();
  });
});
