/** Services on real sockets: what a client meets from the first call to the stop. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { cacheService } from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { createLog } from '@connections/runtime';
import type { StartError } from '@connections/runtime/host';
import { connected, service, start } from './hosted-service.ts';

describe('a running service', () => {
  it('tells the operator in the log what a service has to tell', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'warn', format: 'json', write: (line) => lines.push(line) });
    const running = await start([service({ notices: ['REDIS_HOST is not used'] })], { log });
    await running.stop();
    const [line] = lines.map((text) => JSON.parse(text));
    assert.deepEqual([line?.level, line?.service, line?.msg], ['warn', 'test', 'REDIS_HOST is not used']);
  });

  it('answers calls and serves its health', async () => {
    await using client = await connected([service()]);
    assert.deepEqual(await client.cache.get({ key: 'a' }), { entry: undefined });
    assert.deepEqual(await client.health.check({}), { status: Status.SERVING });
    assert.deepEqual(await client.health.check({ service: cacheService.fullName }), {
      status: Status.SERVING,
    });
    await assert.rejects(client.health.check({ service: 'x' }), { status: 'NOT_FOUND' });
  });

  it('does not serve while its store does not answer', async () => {
    const ping = () => Promise.reject(new Error('away'));
    await using client = await connected([service({ pings: { cache: ping } })]);
    assert.deepEqual(await client.health.check({}), { status: Status.NOT_SERVING });
  });

  it('answers a defect with INTERNAL, its text kept in the log beside the id that the client gets', async () => {
    const lines: string[] = [];
    const log = createLog({ format: 'json', write: (line) => lines.push(line) });
    const defect = () => Promise.reject(new TypeError('private detail'));
    await using client = await connected([service({}, defect)], { log });
    let id: string | undefined;
    const call = client.cache.get(
      { key: 'a' },
      { onTrailers: (trailers) => (id = trailers.text('x-call-id')) },
    );
    await assert.rejects(call, (error: Error) => !error.message.includes('private'));
    const line = JSON.parse(lines[0] ?? '');
    assert.equal(line.method, '/connections.cache.v1.CacheService/Get');
    assert.equal(line.err.message, 'private detail');
    assert.equal(line.call, id);
  });
});

describe('the log of a running service', () => {
  it('takes a health watch that its client cancels for the usual end of a stream', async () => {
    let written: (line: string) => void = () => {};
    const watchLine = new Promise<string>((resolve) => {
      written = (line) => line.includes('Health/Watch') && resolve(line);
    });
    const log = createLog({ level: 'debug', format: 'json', write: (line) => written(line) });
    await using client = await connected([service()], { log });
    for await (const _ of client.health.watch({})) break;
    const { level, status } = JSON.parse(await watchLine);
    assert.deepEqual({ level, status }, { level: 'debug', status: 'CANCELLED' });
  });
});

describe('startServices', () => {
  it('takes no rpc without a scope', async () => {
    await assert.rejects(start([service({ scopes: new Map() })]), /CacheService\/Get has no scope/);
  });

  it('names a busy port and its variable, and leaves nothing open', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    assert.ok(typeof address === 'object' && address !== null);
    const [first, second] = [service(), service({ port: address.port })];
    await assert.rejects(start([first, second]), (error: StartError) => {
      assert.equal(error.code, 'EADDRINUSE');
      assert.match(error.message, new RegExp(`^port ${address.port} is in use.*TEST_PORT`));
      if (process.platform === 'linux') assert.match(error.message, new RegExp(`process ${process.pid} `));
      return true;
    });
    holder.close();
    assert.ok(first.events.includes('close') && second.events.includes('close'));
  });
});

describe('a stop', () => {
  it('ends watches and streams, refuses new calls, lets open ones end, then closes the drivers', async () => {
    let finish: () => void = () => {};
    let entered: () => void = () => {};
    const inHandler = new Promise<void>((resolve) => (entered = resolve));
    const get = () =>
      new Promise<{ entry: undefined }>((resolve) => {
        entered();
        finish = () => resolve({ entry: undefined });
      });
    const probe = service({}, get);
    await using client = await connected([probe]);
    const open = client.cache.get({ key: 'a' });
    await inHandler;
    let stopped: Promise<void> | undefined;
    const frames: unknown[] = [];
    for await (const frame of client.messaging.subscribe((async function* () {})())) {
      frames.push(frame);
      stopped ??= client.running.stop();
    }
    assert.equal(frames.length, 1);
    await assert.rejects(client.cache.get({ key: 'b' }), { status: 'UNAVAILABLE' });
    assert.deepEqual(probe.events, ['drain']);
    finish();
    assert.deepEqual(await open, { entry: undefined });
    await stopped;
    assert.deepEqual(probe.events, ['drain', 'close']);
  });

  it('cuts what is still open when the grace is over', async () => {
    const get = () => new Promise<never>(() => {});
    await using client = await connected([service({}, get)], { drainSeconds: 0 });
    const open = client.cache.get({ key: 'a' });
    open.catch(() => {});
    await client.health.check({});
    await client.running.stop();
    await assert.rejects(open);
  });

  it('closes a service before those that it uses', async () => {
    const order: string[] = [];
    const named = (name: string) =>
      service({
        name,
        [Symbol.asyncDispose]: async () => {
          order.push(name);
        },
      });
    const running = await start([named('database'), named('messaging')]);
    await running.stop();
    assert.deepEqual(order, ['messaging', 'database']);
  });
});
