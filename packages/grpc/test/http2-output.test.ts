/** When what a connection writes leaves, over a socket that counts its writes. */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { outputRoomBytes } from '../src/http2/connection/abuse-bounds.ts';
import type { ServerConnection } from '../src/http2/connection/connection-roles.ts';
import { acceptConnection } from '../src/http2/connection/server-connection.ts';
import { noBytes, okHead, okTrailers, Recorder } from './http2-world.ts';
import {
  rawFlags,
  rawFrame,
  rawHeaders,
  rawPreface,
  rawRequest,
  rawSettings,
  rawWindowUpdate,
} from './raw-http2-peer.ts';
import { StillClock } from './still-clock.ts';

/** Takes what is written once it is let to, and remembers how much at a time. */
class CountingSocket extends Duplex {
  readonly writes: number[] = [];
  open = true;
  #waiting: (() => void) | undefined;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#took(chunk.length, callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.#took(
      chunks.reduce((sum, { chunk }) => sum + chunk.length, 0),
      callback,
    );
  }

  /** Takes on. */
  letGo(): void {
    this.open = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #took(bytes: number, callback: () => void): void {
    this.writes.push(bytes);
    if (this.open) callback();
    else this.#waiting = callback;
  }
}

const turn = () => new Promise(setImmediate);

async function served(onStream: (recorder: Recorder) => void): Promise<{
  socket: CountingSocket;
  connection: ServerConnection;
  streams: Recorder[];
}> {
  const socket = new CountingSocket();
  const streams: Recorder[] = [];
  const connection = acceptConnection(
    socket,
    { clock: new StillClock() },
    {
      stream: (stream) => {
        const recorder = new Recorder();
        recorder.stream = stream;
        streams.push(recorder);
        onStream(recorder);
        return recorder;
      },
      closed: () => {},
    },
  );
  socket.push(Buffer.concat([rawPreface, rawSettings(), rawFrame('SETTINGS', rawFlags.ACK, 0)]));
  await turn();
  socket.writes.length = 0;
  return { socket, connection, streams };
}

const requests = (count: number) =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) => rawHeaders(index * 2 + 1, rawRequest, rawFlags.END_STREAM)),
  );

describe('the output of a connection', () => {
  it('is one write for all answers to one read', async () => {
    const { socket, connection } = await served((recorder) => recorder.answer(Buffer.from('hello')));
    socket.push(requests(100));
    await turn();
    assert.equal(socket.writes.length, 1);
    assert.equal(connection.openStreams, 0);
  });

  it('waits for the promises that a read has settled', async () => {
    const { socket } = await served(async (recorder) => {
      // The first half is answered within the read.
      if ((recorder.stream?.id ?? 0) < 100) {
        recorder.answer();
        return;
      }
      for (let hop = 0; hop < recorder.told.length + 10; hop++) await undefined;
      recorder.answer(Buffer.from('hello'));
    });
    // As a socket does it: the promises of a read are settled after what it has scheduled for the next tick.
    setImmediate(() => socket.push(requests(100)));
    await turn();
    await turn();
    assert.equal(socket.writes.length, 1);
  });

  it('leaves in the turn in which it was written', async () => {
    const { socket, streams } = await served(() => {});
    socket.push(requests(10));
    await turn();
    for (const [index, recorder] of streams.entries()) {
      setImmediate(() => recorder.answer());
      await turn();
      await turn();
      assert.equal(socket.writes.length, index + 1);
    }
  });

  it('holds no more DATA than there is room for while the socket takes nothing, and goes on after that', async () => {
    const { socket, streams } = await served(() => {});
    socket.push(
      Buffer.concat([requests(100), rawSettings([[4, 1_000_000]]), rawWindowUpdate(0, 10_000_000)]),
    );
    await turn();
    socket.writes.length = 0;
    socket.open = false;
    let taken = 0;
    for (const recorder of streams) {
      recorder.onTaken = () => taken++;
      if (recorder.stream?.sendData(noBytes, Buffer.alloc(30_000), true)) taken++;
    }
    await turn();
    // One write that the socket holds, and the room behind it, each with a frame more.
    const frameBytes = 9 + 16_384;
    assert.equal(socket.writes.length, 1);
    assert.ok((socket.writes[0] ?? 0) < outputRoomBytes + frameBytes);
    assert.ok(taken * 30_000 < 2 * (outputRoomBytes + frameBytes), `${taken} were taken`);
    for (let turns = 0; turns < 200; turns++) {
      socket.letGo();
      await turn();
    }
    assert.equal(taken, 100);
    assert.equal(
      socket.writes.reduce((sum, bytes) => sum + bytes, 0),
      100 * (30_000 + 2 * 9),
    );
  });

  it('is nothing after the socket has failed, and nothing is thrown', async () => {
    const { socket, connection, streams } = await served(() => {});
    socket.push(requests(1));
    await turn();
    const { stream } = streams[0] ?? assert.fail();
    socket.destroy(new Error('the cable was pulled'));
    stream?.sendHeaders(okHead, undefined, false);
    stream?.sendData(noBytes, Buffer.from('x'), false);
    await turn();
    stream?.sendTrailers(okTrailers, undefined);
    connection.drain();
    connection.close('NO_ERROR');
    await turn();
    assert.deepEqual(streams[0]?.told, ['closed CANCEL by connection']);
    assert.deepEqual(socket.writes, []);
  });

  it('is nothing on a socket that had closed before, which is told like any other', async () => {
    const socket = new CountingSocket();
    socket.destroy();
    await turn();
    const closed: unknown[] = [];
    const clock = new StillClock();
    acceptConnection(
      socket,
      { clock },
      { stream: () => new Recorder(), closed: (error) => closed.push(error) },
    );
    await turn();
    assert.deepEqual(closed, [undefined]);
    assert.deepEqual(socket.writes, []);
    assert.equal(clock.waiting, 0);
  });
});
