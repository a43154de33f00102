/** Connections to our own server: over Unix sockets, old, idle and silent ones. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createGrpcJsServer } from '../src/grpc-js/index.ts';
import { type Call, createServer } from '../src/index.ts';
import { noteService, plainHandlers } from './note-service.ts';
import { hello, serve, statusAfter } from './raw-answer.ts';
import { connectRaw, frame, openRaw } from './raw-call.ts';
import { waitUntil } from './wait-until.ts';

for (const [name, create] of [
  ['ours', createServer],
  ['grpc-js', createGrpcJsServer],
] as const) {
  describe(`a server on a Unix socket, over ${name}`, () => {
    it('takes calls, knows where they came from, and leaves no file behind', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'connections-grpc-socket-'));
      const path = join(folder, 'grpc.sock');
      const calls: Call[] = [];
      const server = create();
      server.add(noteService, {
        ...plainHandlers,
        async get(request, call) {
          calls.push(call);
          return request;
        },
      });
      await server.listenUnix(path);
      const session = connect('http://localhost', { createConnection: () => connectSocket(path) });
      assert.equal((await statusAfter(session, {}, frame(hello)))['grpc-status'], '0');
      assert.deepEqual(calls[0]?.peer, { address: path, loopback: true, secure: false });
      const second = create();
      await assert.rejects(second.listenUnix(path), { code: 'EADDRINUSE' });
      session.close();
      await server.stop(1_000);
      await assert.rejects(stat(path), { code: 'ENOENT' });
      await rm(folder, { recursive: true });
    });
  });
}

describe('connections to a server of ours', () => {
  it('are told to go when they are old, while their calls go on', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using served = await serve(
      { maxConnectionAgeMs: 100 },
      { get: (request) => gate.then(() => request) },
    );
    using session = connectRaw(served.port);
    let told = false;
    session.on('goaway', () => {
      told = true;
    });
    const status = statusAfter(session, {}, frame(hello));
    await waitUntil('the connection is told to go', () => told);
    release();
    assert.equal((await status)['grpc-status'], '0');
    await waitUntil('the connection is closed', () => session.destroyed);
  });

  it('are closed with their calls when these take longer than the grace', async () => {
    let call: Call | undefined;
    await using served = await serve(
      { maxConnectionAgeMs: 50, maxConnectionAgeGraceMs: 50 },
      {
        get(_request, received) {
          call = received;
          return new Promise(() => {});
        },
      },
    );
    using session = connectRaw(served.port);
    openRaw(session, '/test.Notes/Get').end(frame(hello));
    await waitUntil('the call is aborted', () => call?.signal.aborted === true);
    await waitUntil('the connection is closed', () => session.destroyed);
  });

  it('are told to go when they have no call for long', async () => {
    await using served = await serve({ maxConnectionIdleMs: 50 });
    using session = connectRaw(served.port);
    await waitUntil('the connection is closed', () => session.destroyed);
  });

  it('that never speak do not hold up a stop', async () => {
    const served = await serve();
    const socket = connectSocket(served.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    const before = performance.now();
    await served.server.stop(300);
    assert.ok(performance.now() - before < 5_000);
  });
});
