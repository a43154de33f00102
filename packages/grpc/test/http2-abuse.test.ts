/** What a hostile client may cost before its connection is closed, one bound at a time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  futileStreams,
  idleFrames,
  maxContinuations,
  maxPingStrikes,
  settingsCost,
} from '../src/http2/connection/abuse-bounds.ts';
import { Allowance } from '../src/http2/connection/allowance.ts';
import { echo, Http2World } from './http2-world.ts';
import {
  RawPeer,
  rawBlock,
  rawData,
  rawFlags,
  rawFrame,
  rawHeaders,
  rawPing,
  rawRequest,
  rawReset,
  rawSettings,
  rawWindowUpdate,
  word,
} from './raw-http2-peer.ts';
import { StillClock } from './still-clock.ts';
import { waitUntil } from './wait-until.ts';

const { END_STREAM, END_HEADERS } = rawFlags;

const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));

describe('an allowance', () => {
  it('is a burst, filled by time and by what is earned, and never more than the burst', () => {
    const clock = new StillClock();
    const allowance = new Allowance({ burst: 10, perSecond: 2, clock });
    assert.ok(allowance.spend(10));
    assert.ok(!allowance.spend(1));
    clock.advance(1_000);
    assert.ok(allowance.spend(1));
    allowance.earn(1_000);
    assert.ok(allowance.spend(10));
    assert.ok(!allowance.spend(1));
  });
});

describe('a connection is ended with ENHANCE_YOUR_CALM', () => {
  const floods: Record<string, (id: number) => Buffer> = {
    'streams that the client resets (rapid reset)': (id) =>
      Buffer.concat([rawHeaders(id, rawRequest), rawReset(id)]),
    'streams that it makes us reset (made you reset)': (id) =>
      Buffer.concat([rawHeaders(id, rawRequest), rawWindowUpdate(id, 0)]),
    'requests that are malformed': (id) => rawHeaders(id, [[':method', 'GET']]),
  };
  for (const [what, make] of Object.entries(floods)) {
    it(`for too many ${what}`, async () => {
      await using world = await Http2World.start();
      using peer = await RawPeer.client(world.port);
      peer.send(times(futileStreams.burst, (index) => make(index * 2 + 1)));
      await peer.sync();
      assert.deepEqual(peer.framesOf('GOAWAY'), []);
      peer.send(make(futileStreams.burst * 2 + 1));
      assert.equal((await peer.ended()).code, 'ENHANCE_YOUR_CALM');
      await waitUntil('it is closed', () => world.closed.length === 1);
      assert.equal(world.connection.openStreams, 0);
      assert.ok(world.streams.every(({ closings }) => closings === 1));
    });
  }

  it('not for a client that cancels as many calls as it completes', async () => {
    await using world = await Http2World.start({}, echo);
    using peer = await RawPeer.client(world.port);
    for (let round = 0; round < 4; round++) {
      const first = round * 2_000;
      peer.send(
        times(1_000, (index) => {
          const id = (first + index) * 2 + 1;
          return index % 2 === 0
            ? rawHeaders(id, rawRequest, END_STREAM)
            : Buffer.concat([rawHeaders(id, rawRequest), rawReset(id)]);
        }),
      );
      await peer.sync();
    }
    assert.deepEqual(peer.framesOf('GOAWAY'), []);
    assert.equal(world.streams.length, 4_000);
  });

  const idle: Record<string, Buffer> = {
    'PRIORITY frames': rawFrame('PRIORITY', 0, 9, Buffer.concat([word(0), Buffer.of(1)])),
    WINDOW_UPDATEs: rawWindowUpdate(1, 1),
    'WINDOW_UPDATEs of the connection': rawWindowUpdate(0, 1),
    'empty DATA frames': rawData(1, ''),
    'DATA frames of one byte': rawData(1, 'x'),
    'PINGs with ACK that nobody asked for': rawPing(undefined, rawFlags.ACK),
    'frames of an unknown type': rawFrame(0x77, 0, 0),
    'RST_STREAMs for a stream that is closed': rawReset(3),
  };
  for (const [what, frame] of Object.entries(idle)) {
    it(`for too many ${what}`, async () => {
      await using world = await Http2World.start();
      using peer = await RawPeer.client(world.port);
      peer.send(rawHeaders(1, rawRequest), rawHeaders(3, rawRequest), rawReset(3));
      await peer.sync();
      peer.send(times(idleFrames.burst / 2, () => frame));
      await peer.sync();
      assert.deepEqual(peer.framesOf('GOAWAY'), []);
      peer.send(times(idleFrames.burst / 2 + 1, () => frame));
      assert.equal((await peer.ended()).code, 'ENHANCE_YOUR_CALM');
    });
  }

  it('for too many SETTINGS', async () => {
    await using world = await Http2World.start();
    using peer = await RawPeer.client(world.port);
    peer.send(times(idleFrames.burst / settingsCost + 1, () => rawSettings([[4, 1_000]])));
    assert.equal((await peer.ended()).code, 'ENHANCE_YOUR_CALM');
  });

  it('for PINGs that come too often, unless something was sent to the client', async () => {
    await using world = await Http2World.start({ minPingIntervalMs: 1_000 });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, rawRequest));
    for (let sent = 0; sent < 10; sent++) {
      world.clock.advance(1_000);
      peer.send(rawPing());
      await peer.sync();
    }
    peer.send(times(maxPingStrikes, () => rawPing()));
    await peer.sync();
    world.streams[0]?.stream?.sendHeaders([{ name: ':status', value: '200' }], undefined, false);
    peer.send(times(maxPingStrikes + 1, () => rawPing()));
    await peer.sync();
    peer.send(rawPing());
    assert.deepEqual(await peer.ended(), {
      code: 'ENHANCE_YOUR_CALM',
      lastStreamId: 1,
      text: 'too_many_pings',
    });
  });

  it('for a header block without an end', async () => {
    await using world = await Http2World.start({ maxHeaderListBytes: 1_000 });
    const block = rawBlock(Array.from({ length: 10 }, (_, index) => [`x${index}`, 'y'.repeat(400)] as const));
    using peer = await RawPeer.client(world.port);
    peer.send(rawFrame('HEADERS', 0, 1, rawBlock(rawRequest)), rawFrame('CONTINUATION', 0, 1, block));
    assert.equal((await peer.ended()).code, 'ENHANCE_YOUR_CALM');
    using other = await RawPeer.client(world.port);
    other.send(rawFrame('HEADERS', 0, 1, rawBlock(rawRequest)));
    other.send(times(maxContinuations, () => rawFrame('CONTINUATION', 0, 1)));
    assert.equal((await other.ended()).code, 'ENHANCE_YOUR_CALM');
  });

  it('for answers that it does not read', async () => {
    // Large: answers that a kernel would hold for minutes are none that this side holds.
    const value = 'v'.repeat(8_000);
    await using world = await Http2World.start({}, (recorder) =>
      recorder.stream?.sendHeaders([{ name: ':status', value: '200' }], [{ name: 'x', value }], true),
    );
    using peer = await RawPeer.client(world.port);
    peer.socket.pause();
    let sent = 0;
    await waitUntil('it is closed', () => {
      peer.send(times(100, (index) => rawHeaders((sent + index) * 2 + 1, rawRequest, END_STREAM)));
      sent += 100;
      world.clock.advance(1_000);
      return world.closed.length === 1;
    });
    assert.equal(world.closed[0]?.code, 'ENHANCE_YOUR_CALM');
  });
});

describe('a header list that is too long', () => {
  it('comes cut and is marked, and the connection goes on', async () => {
    await using world = await Http2World.start({ maxHeaderListBytes: 1_000 });
    using peer = await RawPeer.client(world.port);
    peer.send(rawHeaders(1, [...rawRequest, ['x', 'y'.repeat(1_000)]], END_STREAM));
    await peer.sync();
    assert.equal(world.streams[0]?.head?.truncated, true);
    peer.send(rawFrame('HEADERS', END_HEADERS, 3, rawBlock(rawRequest)));
    await peer.sync();
    assert.equal(world.streams[1]?.head?.truncated, false);
  });
});
