/** The side port on a real socket, with clients that behave and clients that do not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { Readiness } from '../src/health/readiness.ts';
import { SidePort } from '../src/side-port/side-port.ts';

async function open(metricsText: () => Promise<string> = async () => 'a 1\n') {
  const readiness: Readiness = { ready: true, degraded: false, reason: 'serving', ports: [] };
  const sidePort = new SidePort({ readiness: () => readiness, metricsText });
  const port = await sidePort.listen('127.0.0.1', 0);
  return {
    sidePort,
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => sidePort.stop(),
  };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the other side closes. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => (text += part));
  // Not with `once`, which a reset connection would have reject.
  await new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.on('close', resolve)));
  return text;
}

describe('the side port', () => {
  it('answers each path with its type, and keeps no connection', async () => {
    await using port = await open();
    const types = new Map<string, string | null>();
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const response = await fetch(port.url + path);
      assert.deepEqual([response.status, response.headers.get('connection')], [200, 'close'], path);
      types.set(path, response.headers.get('content-type'));
      await response.text();
    }
    assert.deepEqual(
      [...types.values()],
      [
        'application/json; charset=utf-8',
        'application/json; charset=utf-8',
        'text/plain; version=0.0.4; charset=utf-8',
      ],
    );
  });

  it('answers HEAD with the head alone, and a path with a query as the path', async () => {
    await using port = await open();
    const head = await fetch(`${port.url}/metrics`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '4', '']);
    assert.equal((await fetch(`${port.url}/healthz?verbose`)).status, 200);
  });

  it('says of an unknown path which there are, and of another method which it takes', async () => {
    await using port = await open();
    const unknown = await fetch(`${port.url}/metric`);
    assert.deepEqual(
      [unknown.status, await unknown.text()],
      [404, 'there is /healthz, /readyz, /metrics here\n'],
    );
    const post = await fetch(`${port.url}/metrics`, { method: 'POST', body: 'x' });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  });

  it('collects once for scrapes that come together', async () => {
    let scrapes = 0;
    let answer = (_: string) => {};
    await using port = await open(() => {
      scrapes++;
      return new Promise((resolve) => (answer = resolve));
    });
    const both = [fetch(`${port.url}/metrics`), fetch(`${port.url}/metrics`)];
    const sockets = async () => (await fetch(`${port.url}/healthz`)).text();
    while (scrapes === 0) await sockets();
    await sockets();
    answer('b 2\n');
    for (const response of await Promise.all(both)) assert.equal(await response.text(), 'b 2\n');
    assert.equal(scrapes, 1);
  });

  it('refuses a head that is too large or no HTTP', async () => {
    await using port = await open();
    const large = await connected(port.port);
    large.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`);
    assert.match(await heard(large), /^HTTP\/1.1 431 /);
    const noise = await connected(port.port);
    noise.write('\u0000\u0001\u0002\r\n\r\n');
    assert.match(await heard(noise), /^HTTP\/1.1 400 /);
  });

  it('closes a connection that sends no whole request in time', { timeout: 20_000 }, async () => {
    await using port = await open();
    const slow = await connected(port.port);
    slow.write('GET /healthz HTTP/1.1\r\n');
    const dripping = setInterval(() => slow.write('x: y\r\n'), 500);
    assert.match(await heard(slow), /^HTTP\/1.1 408 |^$/);
    clearInterval(dripping);
  });

  it('takes no more connections than it bounds, and takes them again when others have gone', {
    timeout: 10_000,
  }, async () => {
    await using port = await open();
    const held = await Promise.all(Array.from({ length: 64 }, () => connected(port.port)));
    const refused = await connected(port.port);
    refused.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    assert.equal(await heard(refused), '');
    for (const socket of held) socket.destroy();
    for (;;) {
      const answer = await fetch(`${port.url}/healthz`).catch(() => undefined);
      if (answer?.status === 200) break;
    }
  });

  it('stops at once, whatever its clients hold open', async () => {
    const { sidePort, port } = await open(() => new Promise(() => {}));
    const idle = await connected(port);
    const begun = await connected(port);
    begun.write('GET /healthz HTTP/1.1\r\n');
    const waiting = await connected(port);
    waiting.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
    const closed = Promise.all([idle, begun, waiting].map(heard));
    const start = performance.now();
    await sidePort.stop();
    assert.deepEqual(await closed, ['', '', '']);
    assert.ok(performance.now() - start < 1_000);
    await sidePort.stop();
  });
});
