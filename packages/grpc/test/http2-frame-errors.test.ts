/** Frames that are wrong where they come: for their stream alone, or for the connection (RFC 9113, sections 5.4 and 6). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Http2World } from './http2-world.ts';
import {
  RawPeer,
  rawBlock,
  rawData,
  rawFlags,
  rawFrame,
  rawHeaders,
  rawRequest,
  rawReset,
  rawSettings,
  rawWindowUpdate,
  word,
} from './raw-http2-peer.ts';
import { waitUntil } from './wait-until.ts';

const { END_STREAM, END_HEADERS } = rawFlags;

describe('streams of a server', () => {
  let world: Http2World;
  let peer: RawPeer;

  beforeEach(async () => {
    world = await Http2World.start();
    peer = await RawPeer.client(world.port);
  });
  afterEach(async () => {
    peer[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });

  const first = () => world.streams[0] ?? assert.fail('no stream was opened');

  const endings: Record<string, { frames: Buffer[]; code: string }> = {
    'DATA for a stream that both have ended': { frames: [rawData(1, 'x')], code: 'STREAM_CLOSED' },
    'HEADERS for a stream that both have ended': {
      frames: [rawHeaders(1, rawRequest, END_STREAM)],
      code: 'STREAM_CLOSED',
    },
    'a stream below one that was opened': {
      frames: [rawHeaders(9, rawRequest), rawHeaders(7, rawRequest)],
      code: 'PROTOCOL_ERROR',
    },
    'an even stream': { frames: [rawHeaders(2, rawRequest)], code: 'PROTOCOL_ERROR' },
    'DATA for an idle stream': { frames: [rawData(5, 'x')], code: 'PROTOCOL_ERROR' },
    'RST_STREAM for an idle stream': { frames: [rawReset(5)], code: 'PROTOCOL_ERROR' },
    'WINDOW_UPDATE for an idle stream': { frames: [rawWindowUpdate(5, 1)], code: 'PROTOCOL_ERROR' },
    'CONTINUATION of nothing': {
      frames: [rawFrame('CONTINUATION', END_HEADERS, 5, rawBlock(rawRequest))],
      code: 'PROTOCOL_ERROR',
    },
    'another frame within a block': {
      frames: [rawFrame('HEADERS', 0, 5, rawBlock(rawRequest)), rawData(1, 'x')],
      code: 'PROTOCOL_ERROR',
    },
    'a frame of an unknown type within a block': {
      frames: [rawFrame('HEADERS', 0, 5, rawBlock(rawRequest)), rawFrame(0x77, 0, 5)],
      code: 'PROTOCOL_ERROR',
    },
    'PUSH_PROMISE of a client': {
      frames: [rawFrame('PUSH_PROMISE', END_HEADERS, 1, Buffer.concat([word(2), rawBlock(rawRequest)]))],
      code: 'PROTOCOL_ERROR',
    },
    'PRIORITY that names its own stream': {
      frames: [rawFrame('PRIORITY', 0, 5, Buffer.concat([word(5), Buffer.of(1)]))],
      code: 'PROTOCOL_ERROR',
    },
    'WINDOW_UPDATE of 0 for the connection': { frames: [rawWindowUpdate(0, 0)], code: 'PROTOCOL_ERROR' },
    'a window of the connection above 2^31-1': {
      frames: [rawWindowUpdate(0, 2 ** 31 - 1)],
      code: 'FLOW_CONTROL_ERROR',
    },
    'a block that cannot be decoded': {
      frames: [rawFrame('HEADERS', END_HEADERS, 5, Buffer.of(0x80))],
      code: 'COMPRESSION_ERROR',
    },
    'ENABLE_PUSH of 2': { frames: [rawSettings([[2, 2]])], code: 'PROTOCOL_ERROR' },
    'INITIAL_WINDOW_SIZE above 2^31-1': { frames: [rawSettings([[4, 2 ** 31]])], code: 'FLOW_CONTROL_ERROR' },
    'MAX_FRAME_SIZE below 16 384': { frames: [rawSettings([[5, 16_383]])], code: 'PROTOCOL_ERROR' },
    'MAX_FRAME_SIZE above 2^24-1': { frames: [rawSettings([[5, 2 ** 24]])], code: 'PROTOCOL_ERROR' },
    'a frame above our MAX_FRAME_SIZE': { frames: [rawData(1, 16_385)], code: 'FRAME_SIZE_ERROR' },
  };
  for (const [what, { frames, code }] of Object.entries(endings)) {
    it(`end the connection with ${code} for ${what}`, async () => {
      peer.send(rawHeaders(1, rawRequest, END_STREAM));
      await peer.sync();
      first().answer();
      peer.send(...frames);
      assert.equal((await peer.ended()).code, code);
      await waitUntil('the server has closed', () => world.closed.length === 1);
      assert.equal(world.closed[0]?.code, code);
      assert.ok(world.streams.every(({ closings }) => closings === 1));
    });
  }

  const faults: Record<string, { frames: Buffer[]; code: string }> = {
    'DATA after the end of the request': {
      frames: [rawHeaders(1, rawRequest, END_STREAM), rawData(1, 'x')],
      code: 'STREAM_CLOSED',
    },
    'HEADERS after the end of the request': {
      frames: [rawHeaders(1, rawRequest, END_STREAM), rawHeaders(1, [['x', 'y']], END_STREAM)],
      code: 'STREAM_CLOSED',
    },
    'trailers that do not end it': {
      frames: [rawHeaders(1, rawRequest), rawHeaders(1, [['x', 'y']])],
      code: 'PROTOCOL_ERROR',
    },
    'trailers with a pseudo-header field': {
      frames: [rawHeaders(1, rawRequest), rawHeaders(1, [[':path', '/']], END_STREAM)],
      code: 'PROTOCOL_ERROR',
    },
    'WINDOW_UPDATE of 0': {
      frames: [rawHeaders(1, rawRequest), rawWindowUpdate(1, 0)],
      code: 'PROTOCOL_ERROR',
    },
    'a window above 2^31-1': {
      frames: [rawHeaders(1, rawRequest), rawWindowUpdate(1, 2 ** 31 - 1)],
      code: 'FLOW_CONTROL_ERROR',
    },
    'a PRIORITY of the wrong size': {
      frames: [rawHeaders(1, rawRequest), rawFrame('PRIORITY', 0, 1, Buffer.alloc(4))],
      code: 'FRAME_SIZE_ERROR',
    },
    'less data than content-length says': {
      frames: [rawHeaders(1, [...rawRequest, ['content-length', '3']]), rawData(1, 'ab', END_STREAM)],
      code: 'PROTOCOL_ERROR',
    },
    'more data than content-length says': {
      frames: [rawHeaders(1, [...rawRequest, ['content-length', '1']]), rawData(1, 'ab')],
      code: 'PROTOCOL_ERROR',
    },
    'trailers before the content-length': {
      frames: [
        rawHeaders(1, [...rawRequest, ['content-length', '3']]),
        rawHeaders(1, [['x', 'y']], END_STREAM),
      ],
      code: 'PROTOCOL_ERROR',
    },
  };
  for (const [what, { frames, code }] of Object.entries(faults)) {
    it(`are reset with ${code} for ${what}, and the connection goes on`, async () => {
      peer.send(...frames);
      assert.equal(await peer.resetOf(1), code);
      assert.equal(first().told.at(-1), `closed ${code} by self`);
      peer.send(rawHeaders(3, rawRequest));
      await peer.sync();
      assert.equal(world.streams.length, 2);
      assert.equal(world.connection.openStreams, 1);
    });
  }
});
