/** The client's end of a connection, against a server of bare frames. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { clientOn, type Http2Client, noBytes, type Recorder } from './http2-world.ts';
import {
  RawPeer,
  rawBlock,
  rawData,
  rawFlags,
  rawFrame,
  rawGoAway,
  rawHeaders,
  rawPing,
  rawPreface,
  rawReset,
  rawSettings,
  word,
} from './raw-http2-peer.ts';
import { StillClock } from './still-clock.ts';
import { waitUntil } from './wait-until.ts';

const { END_STREAM, END_HEADERS, ACK } = rawFlags;
const ok = [[':status', '200']] as const;

describe('the client of a connection', () => {
  let server: Server;
  let clock: StillClock;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    clock = new StillClock();
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A client and the server's end of its connection, with or without the server's SETTINGS. */
  async function pair(
    entries: readonly (readonly [number, number])[] | undefined = [],
    options: Parameters<typeof clientOn>[1] = {},
  ): Promise<{ client: Http2Client; peer: RawPeer }> {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const client = clientOn(socket, { clock, ...options });
    const peer = new RawPeer(await accepted, rawPreface.length);
    sockets.push(socket, peer.socket);
    peer.send(rawSettings(entries), rawFrame('SETTINGS', ACK, 0));
    await peer.next('SETTINGS', ({ flags }) => flags === ACK);
    return { client, peer };
  }

  const isClosed = (recorder: Recorder) => waitUntil('it is closed', () => recorder.closings === 1);

  it('begins with the preface and SETTINGS that refuse pushes', async () => {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const client = clientOn(socket, { clock });
    const bytes: Buffer[] = [];
    const end = await accepted;
    sockets.push(socket, end);
    end.on('data', (chunk: Buffer) => bytes.push(chunk));
    await waitUntil('the beginning has come', () => Buffer.concat(bytes).length >= rawPreface.length + 15);
    const received = Buffer.concat(bytes);
    assert.deepEqual(received.subarray(0, rawPreface.length), rawPreface);
    assert.equal(received[rawPreface.length + 3], 4);
    assert.deepEqual(
      [...received.subarray(rawPreface.length + 9, rawPreface.length + 15)],
      [0, 2, 0, 0, 0, 0],
    );
    assert.deepEqual(client.events, []);
    end.write(rawSettings());
    await waitUntil('it is ready', () => client.events.includes('ready'));
  });

  it('tells a response in the order of the wire, without what is informational', async () => {
    const { client, peer } = await pair();
    const call = client.open();
    call.stream?.sendData(noBytes, Buffer.from('hi'), true);
    await peer.next('DATA');
    peer.send(
      rawHeaders(1, [[':status', '103']]),
      rawHeaders(1, ok),
      rawData(1, 'answer'),
      rawHeaders(1, [['grpc-status', '0']], END_STREAM),
    );
    await isClosed(call);
    assert.deepEqual(call.told, ['headers', 'data 6', 'trailers grpc-status', 'closed']);
    assert.equal(client.connection.openStreams, 0);
  });

  it('tells a response that is its head alone', async () => {
    const { client, peer } = await pair();
    const call = client.open(true);
    await peer.next('HEADERS');
    peer.send(rawHeaders(1, ok, END_STREAM));
    await isClosed(call);
    assert.deepEqual(call.told, ['headers, end', 'closed']);
  });

  const faults: Record<string, Buffer> = {
    'data before its head': rawData(1, 'x'),
    'a head without :status': rawHeaders(1, [['x', 'y']]),
    'a head with a field of requests': rawHeaders(1, [...ok, [':path', '/']]),
    'a status of 101': rawHeaders(1, [[':status', '101']]),
    'an informational head at its end': rawHeaders(1, [[':status', '103']], END_STREAM),
    'more data than content-length': Buffer.concat([
      rawHeaders(1, [...ok, ['content-length', '1']]),
      rawData(1, 'ab'),
    ]),
    'trailers that do not end it': Buffer.concat([rawHeaders(1, ok), rawHeaders(1, [['x', 'y']])]),
  };
  for (const [what, frames] of Object.entries(faults)) {
    it(`resets a response with ${what}`, async () => {
      const { client, peer } = await pair();
      const call = client.open(true);
      await peer.next('HEADERS');
      peer.send(frames);
      assert.equal(await peer.resetOf(1), 'PROTOCOL_ERROR');
      assert.equal(call.told.at(-1), 'closed PROTOCOL_ERROR by self');
      assert.equal(client.connection.openStreams, 0);
    });
  }

  const endings: Record<string, { frames: Buffer; code: string }> = {
    'a push': {
      frames: rawFrame('PUSH_PROMISE', END_HEADERS, 1, Buffer.concat([word(2), rawBlock(ok)])),
      code: 'PROTOCOL_ERROR',
    },
    'an answer to no request': { frames: rawHeaders(3, ok), code: 'PROTOCOL_ERROR' },
    'a stream of the server': { frames: rawHeaders(2, ok), code: 'PROTOCOL_ERROR' },
    'ENABLE_PUSH of a server': { frames: rawSettings([[2, 1]]), code: 'PROTOCOL_ERROR' },
    'a block that cannot be decoded': {
      frames: rawFrame('HEADERS', END_HEADERS, 1, Buffer.of(0x80)),
      code: 'COMPRESSION_ERROR',
    },
  };
  for (const [what, { frames, code }] of Object.entries(endings)) {
    it(`ends the connection with ${code} for ${what}`, async () => {
      const { client, peer } = await pair();
      const call = client.open(true);
      await peer.next('HEADERS');
      peer.send(frames);
      assert.equal((await peer.ended()).code, code);
      await waitUntil('it is closed', () => client.events.some((event) => event.startsWith('closed: ')));
      assert.deepEqual(call.told, [`closed ${code} by connection`]);
    });
  }

  it('knows which calls the server has refused', async () => {
    const { client, peer } = await pair();
    const [refused, cancelled] = [client.open(true), client.open(true)];
    await peer.next('HEADERS', ({ streamId }) => streamId === 3);
    peer.send(rawReset(1, 'REFUSED_STREAM'), rawReset(3, 'CANCEL'));
    await isClosed(cancelled);
    assert.equal(refused.failure?.unprocessed, true);
    assert.equal(cancelled.failure?.unprocessed, false);
  });

  it('ends what a GOAWAY leaves out at once, finishes the rest and closes', async () => {
    const { client, peer } = await pair();
    const [first, second] = [client.open(true), client.open(true)];
    await peer.next('HEADERS', ({ streamId }) => streamId === 3);
    peer.send(rawGoAway(2 ** 31 - 1), rawGoAway(1));
    await isClosed(second);
    assert.equal(second.failure?.unprocessed, true);
    assert.equal(client.connection.room, 0);
    assert.throws(() => client.open());
    // What was on its way for the stream that was left out is dropped.
    peer.send(rawHeaders(3, ok), rawHeaders(1, ok, END_STREAM));
    await isClosed(first);
    assert.equal((await peer.ended()).code, 'NO_ERROR');
    await waitUntil('it is closed', () => client.events.includes('closed'));
    assert.deepEqual(first.told, ['headers, end', 'closed']);
    assert.deepEqual(client.events, ['ready', 'draining NO_ERROR', 'closed']);
  });

  it('tells the reason of a GOAWAY with an error', async () => {
    const { client, peer } = await pair();
    client.open(true);
    await peer.next('HEADERS');
    peer.send(rawGoAway(2 ** 31 - 1), rawGoAway(1, 'ENHANCE_YOUR_CALM', 'too_many_pings'));
    await waitUntil('it is told', () => client.events.includes('draining ENHANCE_YOUR_CALM: too_many_pings'));
  });

  it('has as much room as the server allows, and says when there is some again', async () => {
    const { client, peer } = await pair([[3, 2]]);
    assert.equal(client.connection.room, 2);
    client.open(true);
    client.open(true);
    assert.equal(client.connection.room, 0);
    await peer.next('HEADERS', ({ streamId }) => streamId === 3);
    peer.send(rawHeaders(1, ok, END_STREAM));
    await waitUntil('there is room', () => client.events.includes('room again'));
    assert.equal(client.connection.room, 1);
    client.open(true);
    peer.send(rawSettings([[3, 0]]));
    await peer.next('SETTINGS');
    assert.equal(client.connection.room, 0);
    peer.send(rawSettings([[3, 10]]));
    await waitUntil('there is room', () => client.events.length === 3);
    assert.equal(client.connection.room, 8);
    assert.deepEqual(client.events, ['ready', 'room again', 'room again']);
  });

  it('drains: open calls go on, and the last closes it', async () => {
    const { client, peer } = await pair();
    const call = client.open(true);
    client.connection.drain();
    assert.equal(client.connection.room, 0);
    await peer.next('HEADERS');
    peer.send(rawHeaders(1, ok, END_STREAM));
    await isClosed(call);
    assert.equal((await peer.ended()).code, 'NO_ERROR');
  });

  it('asks a silent server while calls are open, and gives it up', async () => {
    const { client, peer } = await pair([], { keepaliveMs: 10_000, keepaliveTimeoutMs: 1_000 });
    clock.advance(50_000);
    peer.send(rawSettings());
    await peer.next('SETTINGS');
    assert.deepEqual(peer.framesOf('PING'), []);
    const call = client.open(true);
    clock.advance(10_000);
    const { payload } = await peer.next('PING');
    peer.send(rawPing(payload, ACK), rawSettings());
    await peer.next('SETTINGS');
    clock.advance(1_000);
    assert.equal(call.closings, 0);
    clock.advance(20_000);
    await isClosed(call);
    assert.deepEqual(call.told, ['closed NO_ERROR by connection']);
    await waitUntil('it is closed', () => client.events.at(-1)?.startsWith('closed') === true);
    assert.equal(client.events.at(-2), 'draining NO_ERROR: the peer does not answer');
  });

  it('gives a server up that never sends SETTINGS', async () => {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const client = clientOn(socket, { clock, prefaceTimeoutMs: 2_000 });
    const peer = new RawPeer(await accepted, rawPreface.length);
    sockets.push(socket, peer.socket);
    await peer.next('SETTINGS');
    clock.advance(2_000);
    assert.equal((await peer.ended()).code, 'SETTINGS_TIMEOUT');
    assert.ok(!client.events.includes('ready'));
  });

  it('tells calls once that the socket was lost', async () => {
    const { client, peer } = await pair();
    const call = client.open(true);
    await peer.next('HEADERS');
    peer.socket.resetAndDestroy();
    await isClosed(call);
    await waitUntil('it is closed', () => client.events.at(-1)?.startsWith('closed') === true);
    assert.deepEqual(call.told, ['closed CANCEL by connection']);
    assert.equal(client.connection.room, 0);
    assert.equal(clock.waiting, 0);
  });
});
