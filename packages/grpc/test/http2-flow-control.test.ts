/** The windows of streams and connections, both ways (RFC 9113, section 5.2 and 6.9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Http2World, noBytes, okHead, okTrailers, type Recorder } from './http2-world.ts';
import {
  RawPeer,
  rawData,
  rawFlags,
  rawFrame,
  rawHeaders,
  rawPreface,
  rawRequest,
  rawSettings,
  rawWindowUpdate,
} from './raw-http2-peer.ts';

const initialWindow = 4;
const maxFrame = 5;

const hold = (recorder: Recorder) => {
  recorder.releases = false;
};

const first = (world: Http2World) => world.streams[0] ?? assert.fail('no stream was opened');

function incrementsOf(peer: RawPeer, streamId: number): number[] {
  return peer.framesOf('WINDOW_UPDATE', streamId).map(({ payload }) => payload.readUInt32BE());
}

describe('what is received', () => {
  const options = { streamWindowBytes: 1_000, connectionWindowBytes: 100_000 };

  it('is given back in bulk, when half of a window was released', async () => {
    await using world = await Http2World.start(options, hold);
    using peer = await RawPeer.client(world.port);
    assert.deepEqual(incrementsOf(peer, 0), [100_000 - 65_535]);
    peer.send(rawHeaders(1, rawRequest), rawData(1, 900));
    await peer.sync();
    world.streams[0]?.stream?.release(499);
    await peer.sync();
    assert.deepEqual(incrementsOf(peer, 1), []);
    world.streams[0]?.stream?.release(1);
    await peer.sync();
    assert.deepEqual(incrementsOf(peer, 1), [500]);
    peer.send(rawData(1, 600));
    await peer.sync();
    assert.deepEqual(world.streams[0]?.told, ['data 900', 'data 600']);
  });

  it('beyond the window of its stream resets it', async () => {
    await using world = await Http2World.start(options, hold);
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest), rawData(1, 1_000), rawData(1, 1));
    assert.equal(await peer.resetOf(1), 'FLOW_CONTROL_ERROR');
    assert.deepEqual(world.streams[0]?.told, ['data 1000', 'closed FLOW_CONTROL_ERROR by self']);
  });

  it('beyond the window of the connection ends it', async () => {
    await using world = await Http2World.start(
      { streamWindowBytes: 70_000, connectionWindowBytes: 65_535 },
      hold,
    );
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest));
    for (let sent = 0; sent <= 65_535; sent += 16_384) peer.send(rawData(1, 16_384));
    assert.equal((await peer.ended()).code, 'FLOW_CONTROL_ERROR');
  });

  it('counts padding, and gives that back at once', async () => {
    await using world = await Http2World.start(options, hold);
    using peer = await RawPeer.client(world.port);
    const padded = rawFrame('DATA', rawFlags.PADDED, 1, Buffer.concat([Buffer.of(249), Buffer.alloc(250)]));
    peer.send(rawHeaders(1, rawRequest), padded, padded);
    await peer.sync();
    assert.deepEqual(world.streams[0]?.told, ['data 1', 'data 1']);
    assert.deepEqual(incrementsOf(peer, 1), [500]);
  });

  it('by streams that are closed returns to the connection', async () => {
    await using world = await Http2World.start(
      { streamWindowBytes: 20_000, connectionWindowBytes: 65_535 },
      hold,
    );
    using peer = await RawPeer.client(world.port);
    for (let id = 1; id < 20; id += 2) {
      peer.send(rawHeaders(id, rawRequest), rawData(id, 10_000));
      await peer.sync();
      world.streams.at(-1)?.stream?.reset('CANCEL');
      // What was on its way does not stay with the stream either.
      peer.send(rawData(id, 8_000));
      await peer.sync();
    }
    assert.deepEqual(peer.framesOf('GOAWAY'), []);
    assert.equal(world.streams.length, 10);
  });

  it('is released once: more than was received changes nothing', async () => {
    await using world = await Http2World.start(options, hold);
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest), rawData(1, 600));
    await peer.sync();
    world.streams[0]?.stream?.release(100_000);
    world.streams[0]?.stream?.release(100_000);
    await peer.sync();
    assert.deepEqual(incrementsOf(peer, 1), [600]);
  });

  it('may fill the first window of HTTP/2 until the peer knows of a smaller one', async () => {
    await using world = await Http2World.start(options, hold);
    using peer = await RawPeer.connect(world.port);
    peer.send(rawPreface, rawSettings(), rawHeaders(1, rawRequest), rawData(1, 16_384), rawData(1, 16_384));
    peer.send(rawFrame('SETTINGS', rawFlags.ACK, 0), rawHeaders(3, rawRequest), rawData(3, 1_001));
    assert.equal(await peer.resetOf(3), 'FLOW_CONTROL_ERROR');
    assert.deepEqual(world.streams[0]?.told, ['data 16384', 'data 16384']);
    // What it has had counts against the smaller window.
    peer.send(rawData(1, 1));
    assert.equal(await peer.resetOf(1), 'FLOW_CONTROL_ERROR');
  });
});

describe('what is sent', () => {
  it('waits for the window of its stream, and tells when it is taken', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 10]]);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    const stream = world.streams[0]?.stream;
    let taken = 0;
    first(world).onTaken = () => taken++;
    stream?.sendHeaders(okHead, undefined, false);
    const prefix = Buffer.from('12345');
    assert.equal(stream?.sendData(prefix, Buffer.from('abcdefghij'), false), false);
    // It was copied.
    prefix.fill('x');
    stream?.sendTrailers(okTrailers, undefined);
    await peer.sync();
    assert.equal(peer.dataOf(1).toString(), '12345abcde');
    assert.equal(taken, 0);
    peer.send(rawWindowUpdate(1, 4));
    await peer.sync();
    assert.equal(taken, 0);
    peer.send(rawWindowUpdate(1, 1));
    await peer.sync();
    assert.equal(peer.dataOf(1).toString(), '12345abcdefghij');
    assert.equal(taken, 1);
    assert.equal(peer.framesOf('HEADERS', 1).at(-1)?.flags, rawFlags.END_HEADERS | rawFlags.END_STREAM);
  });

  it('splits even its prefix where the window is that small', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 0]]);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    const prefix = Buffer.from('12345');
    world.streams[0]?.stream?.sendData(prefix, Buffer.from('ab'), true);
    prefix.fill('x');
    for (let sent = 1; sent <= 7; sent++) {
      peer.send(rawWindowUpdate(1, 1));
      await peer.sync();
      assert.equal(peer.dataOf(1).toString(), '12345ab'.slice(0, sent));
    }
    assert.equal(peer.framesOf('DATA', 1).at(-1)?.flags, rawFlags.END_STREAM);
  });

  it('needs no window where it has no bytes', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 0]]);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    assert.equal(world.streams[0]?.stream?.sendData(noBytes, noBytes, true), true);
    await peer.sync();
    assert.equal(peer.framesOf('DATA', 1).at(-1)?.flags, rawFlags.END_STREAM);
  });

  it('follows INITIAL_WINDOW_SIZE on open streams, below nothing too', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 10]]);
    peer.send(rawHeaders(1, rawRequest));
    await peer.sync();
    world.streams[0]?.stream?.sendData(noBytes, Buffer.alloc(30), true);
    await peer.sync();
    assert.equal(peer.dataOf(1).length, 10);
    // The window of the stream is -8 now.
    peer.send(rawSettings([[initialWindow, 2]]));
    peer.send(rawWindowUpdate(1, 8));
    await peer.sync();
    assert.equal(peer.dataOf(1).length, 10);
    peer.send(rawSettings([[initialWindow, 7]]));
    await peer.sync();
    assert.equal(peer.dataOf(1).length, 15);
    peer.send(rawSettings([[initialWindow, 1_000]]));
    await peer.sync();
    assert.equal(peer.dataOf(1).length, 30);
  });

  it('ends the connection when INITIAL_WINDOW_SIZE makes a window too large', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    peer.send(
      rawHeaders(1, rawRequest),
      rawWindowUpdate(1, 2 ** 31 - 1 - 65_535),
      rawSettings([[initialWindow, 65_536]]),
    );
    assert.equal((await peer.ended()).code, 'FLOW_CONTROL_ERROR');
  });

  it('is cut by MAX_FRAME_SIZE, as it was changed last', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 1_000_000]]);
    peer.send(rawHeaders(1, rawRequest), rawHeaders(3, rawRequest));
    await peer.sync();
    world.streams[0]?.stream?.sendData(Buffer.alloc(5), Buffer.alloc(40_000), true);
    peer.send(rawSettings([[maxFrame, 20_000]]));
    await peer.sync();
    world.streams[1]?.stream?.sendData(noBytes, Buffer.alloc(20_001), true);
    await peer.sync();
    assert.deepEqual(
      peer.framesOf('DATA', 1).map(({ payload }) => payload.length),
      [16_384, 16_384, 7_237],
    );
    assert.deepEqual(
      peer.framesOf('DATA', 3).map(({ payload }) => payload.length),
      [20_000, 1],
    );
  });

  it('goes round the streams that wait for the window of the connection', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 1_000_000]]);
    peer.send(...[1, 3, 5].map((id) => rawHeaders(id, rawRequest)));
    await peer.sync();
    for (const { stream } of world.streams) stream?.sendData(noBytes, Buffer.alloc(100_000), true);
    await peer.sync();
    assert.equal(peer.dataOf(1).length, 65_535);
    const before = peer.received.length;
    peer.send(rawWindowUpdate(0, 6 * 16_384));
    await peer.sync();
    const order = peer.received.slice(before).filter(({ type }) => type === 0);
    assert.equal(
      order.reduce((sum, { payload }) => sum + payload.length, 0),
      6 * 16_384,
    );
    const ids = order.map(({ streamId }) => streamId);
    assert.deepEqual([...ids.slice(0, 3)].sort(), [1, 3, 5]);
    assert.deepEqual(ids.slice(0, 3), ids.slice(3, 6));
  });

  it('of a stream that is reset is forgotten, and its window serves the others', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 1_000_000]]);
    peer.send(rawHeaders(1, rawRequest), rawHeaders(3, rawRequest));
    await peer.sync();
    let taken = 0;
    first(world).onTaken = () => taken++;
    world.streams[0]?.stream?.sendData(noBytes, Buffer.alloc(100_000), true);
    world.streams[1]?.stream?.sendData(noBytes, Buffer.alloc(10), true);
    world.streams[0]?.stream?.reset('CANCEL');
    peer.send(rawWindowUpdate(0, 10));
    await peer.sync();
    assert.equal(peer.dataOf(1).length, 65_535);
    assert.equal(peer.dataOf(3).length, 10);
    assert.equal(taken, 0);
    assert.deepEqual(world.streams[0]?.told, ['closed CANCEL by self']);
  });

  it('stays with its stream while the socket takes nothing', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port, [[initialWindow, 2 ** 31 - 1]]);
    peer.send(rawWindowUpdate(0, 2 ** 31 - 1 - 65_535), rawHeaders(1, rawRequest));
    await peer.sync();
    peer.socket.pause();
    let takenBytes = 0;
    const message = Buffer.alloc(1_048_576);
    const sendOn = () => {
      while (first(world).stream?.sendData(noBytes, message, false)) takenBytes += message.length;
    };
    first(world).onTaken = () => {
      takenBytes += message.length;
      if (peer.socket.isPaused()) sendOn();
    };
    sendOn();
    const full = await settled(() => takenBytes);
    assert.ok(full < 64 * message.length, `${full} bytes were taken`);
    peer.socket.resume();
    await peer.sync();
    assert.ok(takenBytes > full);
  });
});

/** Resolves when a few turns of the loop, with their input, have changed nothing. */
async function settled(measure: () => number): Promise<number> {
  let last = -1;
  for (let still = 0; still < 50; still++) {
    await new Promise(setImmediate);
    if (measure() !== last) still = 0;
    last = measure();
  }
  return last;
}
