/** How a server's connection begins, lasts and ends, on a clock that the tests move. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Http2World, noBytes, okHead } from './http2-world.ts';
import {
  RawPeer,
  rawData,
  rawFlags,
  rawFrame,
  rawGoAway,
  rawHeaders,
  rawPing,
  rawPreface,
  rawRequest,
  rawSettings,
  word,
} from './raw-http2-peer.ts';
import { waitUntil } from './wait-until.ts';

const { END_STREAM, ACK } = rawFlags;
const lastStreamsOf = (peer: RawPeer) => peer.framesOf('GOAWAY').map(({ payload }) => payload.readUInt32BE());
const isClosed = (world: Http2World) => waitUntil('it is closed', () => world.closed.length > 0);

describe('the beginning of a connection', () => {
  it('is ended with PROTOCOL_ERROR for what is no preface', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.connect(world.port);
    peer.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    assert.equal((await peer.ended()).code, 'PROTOCOL_ERROR');
  });

  it('is ended with PROTOCOL_ERROR for a first frame that is not SETTINGS', async () => {
    await using world = await Http2World.start();
    for (const frame of [rawHeaders(1, rawRequest), rawPing(), rawFrame('SETTINGS', ACK, 0)]) {
      using peer = await RawPeer.connect(world.port);
      peer.send(rawPreface, frame, rawSettings());
      assert.equal((await peer.ended()).code, 'PROTOCOL_ERROR');
    }
    assert.equal(world.streams.length, 0);
  });

  const halves: Record<string, Buffer[]> = {
    nothing: [],
    'half a preface': [rawPreface.subarray(0, 12)],
    'no SETTINGS': [rawPreface],
    'no acknowledgement': [rawPreface, rawSettings()],
  };
  for (const [what, bytes] of Object.entries(halves)) {
    it(`is ended with SETTINGS_TIMEOUT when ${what} has come in time`, async () => {
      await using world = await Http2World.start({ prefaceTimeoutMs: 3_000 });
      using peer = await RawPeer.connect(world.port);
      peer.send(...bytes);
      await peer.next('SETTINGS');
      if (bytes.length > 1) await peer.next('SETTINGS', ({ flags }) => flags === ACK);
      world.clock.advance(2_999);
      assert.equal(world.connections.length, 1);
      assert.deepEqual(peer.framesOf('GOAWAY'), []);
      world.clock.advance(1);
      assert.equal((await peer.ended()).code, 'SETTINGS_TIMEOUT');
    });
  }

  it('tells what this side allows', async () => {
    await using world = await Http2World.start({
      maxConcurrentStreams: 7,
      streamWindowBytes: 100_000,
      maxHeaderListBytes: 5_000,
    });
    using peer = await RawPeer.connect(world.port);
    const { payload } = await peer.next('SETTINGS');
    const entries = Array.from({ length: payload.length / 6 }, (_, index) => [
      payload.readUInt16BE(index * 6),
      payload.readUInt32BE(index * 6 + 2),
    ]);
    assert.deepEqual(entries, [
      [3, 7],
      [4, 100_000],
      [6, 5_000],
    ]);
  });
});

describe('a drained connection', () => {
  it('takes what is on its way, then names its last stream, and closes after that', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest, END_STREAM));
    await peer.sync();
    world.connection.drain();
    world.connection.drain();
    const { payload } = await peer.next('PING');
    // It was sent before the client had read the GOAWAY.
    peer.send(rawHeaders(3, rawRequest, END_STREAM), rawPing(payload, ACK));
    await peer.next('GOAWAY');
    assert.deepEqual(lastStreamsOf(peer), [2 ** 31 - 1, 3]);
    peer.send(rawHeaders(5, rawRequest), rawData(5, 'ignored'));
    await peer.sync();
    assert.equal(world.streams.length, 2);
    for (const recorder of world.streams) recorder.answer();
    await peer.next('HEADERS', ({ streamId, flags }) => streamId === 3 && (flags & END_STREAM) !== 0);
    assert.deepEqual(await peer.ended(), { code: 'NO_ERROR', lastStreamId: 3, text: '' });
    await isClosed(world);
    assert.deepEqual(world.closed, [undefined]);
    assert.deepEqual(
      world.streams.map(({ told }) => told),
      [['closed'], ['closed']],
    );
  });

  it('goes on without the answer to its PING after a while', async () => {
    await using world = await Http2World.start({ keepaliveTimeoutMs: 1_000 });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    world.connection.drain();
    await peer.next('PING');
    world.clock.advance(999);
    await peer.sync();
    assert.deepEqual(lastStreamsOf(peer), [2 ** 31 - 1]);
    world.clock.advance(1);
    await peer.sync();
    assert.deepEqual(lastStreamsOf(peer), [2 ** 31 - 1, 1]);
  });

  it('without streams closes at once after the answer', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    world.connection.drain();
    const { payload } = await peer.next('PING');
    peer.send(rawPing(payload, ACK));
    assert.equal((await peer.ended()).code, 'NO_ERROR');
  });
});

describe('a closed connection', () => {
  it('tells its streams, and that with the code', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest), rawHeaders(3, rawRequest));
    await peer.sync();
    world.connection.close('CANCEL');
    world.connection.close('INTERNAL_ERROR');
    assert.deepEqual(await peer.ended(), { code: 'CANCEL', lastStreamId: 3, text: '' });
    await isClosed(world);
    assert.deepEqual(
      world.streams.map(({ told }) => told),
      [['closed CANCEL by connection'], ['closed CANCEL by connection']],
    );
  });

  it('is destroyed when the peer does not close its side', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    peer.socket.pause();
    world.connection.close('NO_ERROR');
    world.clock.advance(1_000);
    await isClosed(world);
  });

  it('lets a slow reader have the answers that were complete, for ten times as long', async () => {
    for (const [waitedMs, whole] of [
      [9_000, true],
      [10_000, false],
    ] as const) {
      await using world = await Http2World.start();
      using peer = await RawPeer.client(world.port, [[4, 2 ** 31 - 1]]);
      peer.send(rawFrame('WINDOW_UPDATE', 0, 0, word(2 ** 31 - 1 - 65_535)), rawHeaders(1, rawRequest));
      peer.send(rawHeaders(3, rawRequest, END_STREAM));
      await peer.sync();
      peer.socket.pause();
      const [filling, answered] = world.streams;
      filling?.stream?.sendHeaders(okHead, undefined, false);
      while (filling?.stream?.sendData(noBytes, Buffer.alloc(16_384), false));
      answered?.answer();
      world.connection.close('NO_ERROR');
      for (let ms = 0; ms < waitedMs; ms += 1_000) world.clock.advance(1_000);
      peer.socket.resume();
      if (whole) assert.equal((await peer.ended()).code, 'NO_ERROR');
      await isClosed(world);
      assert.equal(peer.framesOf('GOAWAY').length > 0, whole);
    }
  });

  it('by the peer, in whatever way, tells each stream once', async () => {
    await using world = await Http2World.start();
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      using peer = await RawPeer.client(world.port);
      peer.send(rawHeaders(1, rawRequest));
      await peer.sync();
      const closed = world.closed.length;
      peer.socket[leave]();
      await waitUntil('it is closed', () => world.closed.length === closed + 1);
    }
    assert.deepEqual(world.closed, [undefined, undefined]);
    assert.ok(world.streams.every(({ told }) => told.join() === 'closed CANCEL by connection'));
    assert.equal(world.clock.waiting, 0);
  });

  it('for an error of the layer above says no more than that', async () => {
    await using world = await Http2World.start({}, () => {
      throw new Error('secret');
    });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest));
    const { code, text } = await peer.ended();
    assert.equal(code, 'INTERNAL_ERROR');
    assert.ok(!text.includes('secret'));
    await isClosed(world);
    assert.match(`${world.closed[0]?.cause}`, /secret/);
  });

  it('is left alone by a GOAWAY of the client', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest, END_STREAM), rawGoAway(0));
    await peer.sync();
    world.streams[0]?.answer();
    await peer.next('HEADERS', ({ flags }) => (flags & END_STREAM) !== 0);
  });
});

describe('a connection that lasts', () => {
  it('asks a silent peer, and is lost when there is no answer', async () => {
    await using world = await Http2World.start({ keepaliveMs: 20_000, keepaliveTimeoutMs: 5_000 });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    world.clock.advance(19_999);
    await peer.sync();
    assert.deepEqual(peer.framesOf('PING'), []);
    world.clock.advance(20_000);
    const { payload } = await peer.next('PING');
    peer.send(rawPing(payload, ACK));
    await peer.sync();
    world.clock.advance(5_000);
    assert.equal(world.streams[0]?.closings, 0);
    world.clock.advance(20_000);
    world.clock.advance(5_000);
    await isClosed(world);
    assert.deepEqual(world.streams[0]?.told, ['closed NO_ERROR by connection']);
  });

  it('is drained at its age, within a tenth, and its streams end after the grace', async () => {
    await using world = await Http2World.start({
      maxAgeMs: 100_000,
      maxAgeGraceMs: 5_000,
      keepaliveTimeoutMs: 1_000,
    });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    world.clock.advance(89_999);
    await peer.sync();
    assert.deepEqual(peer.framesOf('GOAWAY'), []);
    for (let at = 90_000; at <= 110_000 && peer.framesOf('GOAWAY').length === 0; at += 1_000) {
      world.clock.advance(1_000);
      await peer.sync();
    }
    assert.equal(lastStreamsOf(peer)[0], 2 ** 31 - 1);
    world.clock.advance(5_000);
    await peer.ended();
    assert.equal(world.streams[0]?.closings, 1);
  });

  it('is drained when it was long without a stream, and not while it has one', async () => {
    await using world = await Http2World.start({ maxIdleMs: 10_000 });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest, END_STREAM));
    await peer.sync();
    world.clock.advance(25_000);
    world.streams[0]?.answer();
    await peer.sync();
    world.clock.advance(9_999);
    await peer.sync();
    assert.deepEqual(peer.framesOf('GOAWAY'), []);
    world.clock.advance(1);
    await peer.next('GOAWAY');
  });
});
