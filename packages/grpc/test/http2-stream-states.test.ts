/** What a server makes of each frame in each state of a stream (RFC 9113, sections 5.1, 6 and 8). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { echo, Http2World, noBytes, okHead } from './http2-world.ts';
import {
  RawPeer,
  rawBlock,
  rawData,
  rawFlags,
  rawFrame,
  rawHeaders,
  rawPreface,
  rawRequest,
  rawReset,
  rawSettings,
  rawWindowUpdate,
  word,
} from './raw-http2-peer.ts';

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

  it('tell their owner everything in the order of the wire', async () => {
    peer.send(
      rawHeaders(1, rawRequest),
      rawData(1, 'ab'),
      rawData(1, 'c'),
      rawHeaders(1, [['x', 'y']], END_STREAM),
    );
    await peer.sync();
    first().answer();
    await peer.sync();
    assert.deepEqual(first().told, ['data 2', 'data 1', 'trailers x', 'closed']);
    assert.equal(first().bytes.toString(), 'abc');
    assert.equal(world.connection.openStreams, 0);
  });

  it('that are answered before they have ended are closed, and what still comes is dropped', async () => {
    peer.send(rawHeaders(1, rawRequest), rawData(1, 'ab'));
    await peer.sync();
    first().answer();
    assert.equal(await peer.resetOf(1), 'NO_ERROR');
    peer.send(rawData(1, 'late'), rawHeaders(1, [['x', 'y']], END_STREAM));
    await peer.sync();
    assert.deepEqual(first().told, ['data 2', 'closed']);
    assert.deepEqual(peer.framesOf('GOAWAY'), []);
  });

  it('may be answered and reset before their owner is known', async () => {
    await using sync = await Http2World.start({}, (recorder) => {
      if (sync.streams.length === 1) recorder.answer();
      else recorder.stream?.reset('CANCEL');
    });
    using client = await RawPeer.client(sync.port);
    client.send(rawHeaders(1, rawRequest, END_STREAM), rawHeaders(3, rawRequest));
    assert.equal(await client.resetOf(3), 'CANCEL');
    assert.deepEqual(
      sync.streams.map(({ told }) => told),
      [['closed'], ['closed CANCEL by self']],
    );
  });

  it('end with the code of the peer that reset them', async () => {
    peer.send(
      rawHeaders(1, rawRequest),
      rawReset(1, 'CANCEL'),
      rawHeaders(3, rawRequest),
      rawFrame('RST_STREAM', 0, 3, word(99)),
    );
    await peer.sync();
    assert.deepEqual(
      world.streams.map(({ told }) => told),
      [['closed CANCEL by peer'], ['closed INTERNAL_ERROR by peer']],
    );
  });

  it('do nothing more once they are closed', async () => {
    peer.send(rawHeaders(1, rawRequest), rawReset(1));
    await peer.sync();
    const { stream } = first();
    stream?.sendHeaders(okHead, undefined, false);
    assert.equal(stream?.sendData(noBytes, Buffer.from('late'), false), true);
    stream?.sendTrailers(okHead, undefined);
    stream?.reset('CANCEL');
    stream?.release(10);
    await peer.sync();
    assert.deepEqual(
      [...peer.framesOf('HEADERS'), ...peer.framesOf('DATA'), ...peer.framesOf('RST_STREAM')],
      [],
    );
  });

  it('that this side has reset ignore what was on its way, and their blocks still change the table', async () => {
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    first().stream?.reset('CANCEL');
    // Adds 'kept: 1' to the table of the decoder, at index 62.
    const indexed = Buffer.concat([
      Buffer.of(0x40),
      Buffer.of(4),
      Buffer.from('kept'),
      Buffer.of(1),
      Buffer.from('1'),
    ]);
    peer.send(
      rawData(1, 'late'),
      rawWindowUpdate(1, 0),
      rawFrame('HEADERS', END_HEADERS | END_STREAM, 1, indexed),
      rawFrame('HEADERS', END_HEADERS, 3, Buffer.concat([rawBlock(rawRequest), Buffer.of(0x80 | 62)])),
    );
    await peer.sync();
    assert.deepEqual(first().told, ['closed CANCEL by self']);
    assert.deepEqual(world.streams[1]?.head?.fields.at(-1), {
      ...world.streams[1]?.head?.fields.at(-1),
      name: 'kept',
      value: '1',
    });
    assert.deepEqual(peer.framesOf('GOAWAY'), []);
  });

  it('that the peer has reset answer later frames with STREAM_CLOSED', async () => {
    peer.send(rawHeaders(1, rawRequest), rawReset(1), rawData(1, 'late'));
    assert.equal(await peer.resetOf(1), 'STREAM_CLOSED');
  });

  it('are opened by a block in several frames, with padding and priority', async () => {
    const block = rawBlock([...rawRequest, ['te', 'trailers']]);
    const padded = Buffer.concat([
      Buffer.of(3),
      word(0),
      Buffer.of(9),
      block.subarray(0, 10),
      Buffer.alloc(3),
    ]);
    peer.send(
      rawFrame('HEADERS', rawFlags.PADDED | rawFlags.PRIORITY | END_STREAM, 1, padded),
      rawFrame('CONTINUATION', 0, 1, block.subarray(10, 20)),
      rawFrame('CONTINUATION', END_HEADERS, 1, block.subarray(20)),
    );
    await peer.sync();
    assert.deepEqual(
      first().head?.fields.map(({ name }) => name),
      [':method', ':scheme', ':path', ':authority', 'te'],
    );
  });

  it('beyond the limit are refused', async () => {
    await using small = await Http2World.start({ maxConcurrentStreams: 2 });
    using client = await RawPeer.client(small.port);
    client.send(...[1, 3, 5].map((id) => rawHeaders(id, rawRequest)));
    assert.equal(await client.resetOf(5), 'REFUSED_STREAM');
    assert.equal(small.streams.length, 2);
    small.streams[0]?.stream?.reset('CANCEL');
    client.send(rawHeaders(7, rawRequest));
    await client.sync();
    assert.equal(small.streams.length, 3);
  });

  it('let frames of unknown types pass, and settings that are not known', async () => {
    peer.send(
      rawFrame(0x77, 0xff, 1, Buffer.from('what')),
      rawSettings([[0x99, 1]]),
      rawHeaders(1, rawRequest),
    );
    await peer.sync();
    assert.equal(world.streams.length, 1);
  });

  it('echo whole requests whatever the pieces in which they come', async () => {
    await using echoing = await Http2World.start({}, echo);
    using client = await RawPeer.connect(echoing.port);
    const bytes = Buffer.concat([
      rawPreface,
      rawSettings(),
      rawHeaders(1, rawRequest),
      rawFrame(
        'DATA',
        rawFlags.PADDED,
        1,
        Buffer.concat([Buffer.of(5), Buffer.from('pieces'), Buffer.alloc(5)]),
      ),
      rawData(1, ' of one byte', END_STREAM),
    ]);
    for (const byte of bytes) {
      client.send(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await client.next('HEADERS', ({ flags }) => (flags & END_STREAM) !== 0);
    assert.equal(client.dataOf(1).toString(), 'pieces of one byte');
  });
});
