/** Which server Sentinels are taken to name, held against Sentinels that answer what a test says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { sentinelLookup } from '../src/driver/redis/sentinel-lookup.ts';

const access = { tls: false, username: undefined, password: 'of the server', database: 3 };

interface Sentinel extends AsyncDisposable {
  readonly port: number;
}

/** Answers every command by this text; without one never. */
async function startSentinel(answer?: string): Promise<Sentinel> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.on('data', () => answer !== undefined && socket.write(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const naming = (host: string) => startSentinel(`*2\r\n$${host.length}\r\n${host}\r\n$4\r\n6379\r\n`);

async function lookup(...sentinels: readonly Sentinel[]): Promise<string> {
  const endpoints = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
  return (await sentinelLookup(endpoints, 'main', access)()).host;
}

describe('the master that Sentinels name', () => {
  it('is that of most of them, whichever answers first', async () => {
    await using stale = await naming('old');
    await using second = await naming('new');
    await using third = await naming('new');
    for (let round = 0; round < 5; round++) assert.equal(await lookup(stale, second, third), 'new');
  });

  it('is that of the one that is there', async () => {
    await using frozen = await startSentinel();
    await using there = await naming('new');
    const gone = await naming('old');
    await gone[Symbol.asyncDispose]();
    assert.equal(await lookup(frozen, gone, there), 'new');
  });

  it('is not known where they know none, or nobody answers', async () => {
    await using ignorant = await startSentinel('*-1\r\n');
    await assert.rejects(lookup(ignorant));
    const gone = await naming('old');
    await gone[Symbol.asyncDispose]();
    await assert.rejects(lookup(gone));
  });
});
