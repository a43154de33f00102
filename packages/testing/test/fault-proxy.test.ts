/** The proxy that does what networks do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type FaultProxy, startFaultProxy } from '../src/servers/fault-proxy.ts';

suite('Test servers: fault proxy', () => {
  test('relays both ways, until each side has ended', async () => {
    await withEcho(async (proxy) => {
      const client = connect({ port: proxy.port, host: '127.0.0.1' });
      client.end('all of it');
      assert.deepEqual(await client.toArray(), [Buffer.from('all of it')]);
      assert.equal(proxy.connections, 1);
    });
  });

  test('shows what clients send, and not what comes back', async () => {
    await withEcho(async (proxy) => {
      const seen: Buffer[] = [];
      proxy.watch((sent) => seen.push(sent));
      const client = connect({ port: proxy.port, host: '127.0.0.1' });
      client.end('all of it');
      await client.toArray();
      assert.equal(Buffer.concat(seen).toString(), 'all of it');
    });
  });

  test('in a black hole a connection is taken and nothing comes back until it heals', async () => {
    await withEcho(async (proxy) => {
      proxy.blackHole();
      const client = connect({ port: proxy.port, host: '127.0.0.1' });
      await once(client, 'connect');
      client.end('swallowed');
      let heard = false;
      client.once('data', () => {
        heard = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(heard, false);
      proxy.heal();
      await once(client, 'end');
      assert.equal(heard, true);
    });
  });

  test('a reset ends what is open and what is tried, until it heals', async () => {
    await withEcho(async (proxy) => {
      const before = connect({ port: proxy.port, host: '127.0.0.1' });
      before.write('x');
      await once(before, 'data');
      proxy.reset();
      await assert.rejects(once(before, 'end'), { code: 'ECONNRESET' });
      const during = connect({ port: proxy.port, host: '127.0.0.1' });
      during.resume();
      await assert.rejects(once(during, 'end'), { code: 'ECONNRESET' });
      proxy.heal();
      const after = connect({ port: proxy.port, host: '127.0.0.1' });
      after.end('x');
      assert.equal((await after.toArray()).length, 1);
      assert.equal(proxy.connections, 3);
    });
  });

  test('a delay holds for both ways and keeps the order', async () => {
    await withEcho(async (proxy) => {
      const client = connect({ port: proxy.port, host: '127.0.0.1' });
      proxy.delay(100);
      const start = performance.now();
      client.write('first ');
      await new Promise((resolve) => setImmediate(resolve));
      proxy.delay(50);
      client.end('second');
      assert.equal(Buffer.concat(await client.toArray()).toString(), 'first second');
      assert.ok(performance.now() - start >= 100);
    });
  });

  test('a server that is not there is a reset', async () => {
    const { port, close } = await startEcho();
    close();
    await using proxy = await startFaultProxy(port);
    const client = connect({ port: proxy.port, host: '127.0.0.1' });
    client.resume();
    await assert.rejects(once(client, 'end'), { code: 'ECONNRESET' });
  });

  test('its process can end', () => {
    const owner = fileURLToPath(new URL('proxy-owner.js', import.meta.url));
    const { status, signal } = spawnSync(process.execPath, [owner], { timeout: 20_000 });
    assert.deepEqual({ status, signal }, { status: 0, signal: null });
  });

  test('a URL leads through it', async () => {
    await using proxy = await startFaultProxy(1234);
    assert.equal(proxy.through('redis://:p@127.0.0.1:1234/0'), `redis://:p@127.0.0.1:${proxy.port}/0`);
  });
});

async function withEcho(use: (proxy: FaultProxy) => Promise<void>): Promise<void> {
  const { port, close } = await startEcho();
  try {
    await using proxy = await startFaultProxy(port);
    await use(proxy);
  } finally {
    close();
  }
}

async function startEcho(): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
