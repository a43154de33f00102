/** The side port of a running service: what an orchestrator meets from the start to the stop. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { failure } from '@connections/runtime/errors';
import type { ServiceAddress, StartError } from '@connections/runtime/host';
import type { Readiness } from '../src/health/readiness.ts';
import { connected, service, start } from './hosted-service.ts';

/** An address that is set aside for documents. */
const unusable = { host: '192.0.2.1', port: 1, portVariable: 'TEST_HTTP_PORT' };

describe('the side port of a running service', () => {
  const httpOf = ({ addresses: [address] }: { addresses: readonly ServiceAddress[] }) =>
    `http://127.0.0.1:${address?.http?.port}`;

  const readyOf = async (http: string) => {
    const response = await fetch(`${http}/readyz`);
    return { status: response.status, ...((await response.json()) as Readiness) };
  };

  it('says that the service is alive and ready, and shows its metrics', async () => {
    await using client = await connected([service()]);
    await client.cache.get({ key: 'a' });
    const http = httpOf(client.running);
    assert.equal((await fetch(`${http}/healthz`)).status, 200);
    const { status, reason } = await readyOf(http);
    assert.deepEqual([status, reason], [200, 'serving']);
    const text = await (await fetch(`${http}/metrics`)).text();
    assert.match(text, /^connections_rpcs_total\{.*method="Get",code="OK"\} 1$/m);
    assert.match(text, /^connections_serving 1$/m);
    assert.match(text, /^connections_port_up\{port="cache"\} 1$/m);
  });

  const away = () => Promise.reject(failure('STORE_UNREACHABLE', { store: 'cache' }));
  const metricsOf = async (http: string) => (await fetch(`${http}/metrics`)).text();

  it('is alive and not ready, and says why, while no store answers', async () => {
    await using client = await connected([service({ pings: { cache: away } })]);
    const http = httpOf(client.running);
    assert.equal((await fetch(`${http}/healthz`)).status, 200);
    const { status, degraded, reason } = await readyOf(http);
    assert.deepEqual([status, degraded], [503, false]);
    assert.match(
      reason,
      /^the cache store does not answer since \d{4}-.*Z: the cache store cannot be reached$/,
    );
    assert.match(await metricsOf(http), /^connections_serving 0$/m);
  });

  it('is ready and degraded, and says why, while one store of several does not answer', async () => {
    await using client = await connected([service({ pings: { cache: away, tasks: async () => {} } })]);
    const http = httpOf(client.running);
    const { status, ready, degraded, reason, ports } = await readyOf(http);
    assert.deepEqual([status, ready, degraded], [200, true, true]);
    assert.match(reason, /^degraded: the cache store does not answer since/);
    assert.deepEqual(
      ports.map(({ port, answers }) => [port, answers]),
      [
        ['cache', false],
        ['tasks', true],
      ],
    );
    const text = await metricsOf(http);
    assert.match(text, /^connections_serving 1$/m);
    assert.match(text, /^connections_degraded 1$/m);
    assert.match(text, /^connections_port_up\{port="cache"\} 0$/m);
  });

  it('is degraded by what a store lacks though it answers', async () => {
    const concerns = { cache: () => ['it may drop entries'] };
    await using client = await connected([service({ concerns })]);
    const http = httpOf(client.running);
    const { status, reason, ports } = await readyOf(http);
    assert.deepEqual([status, reason], [200, 'degraded: the cache store: it may drop entries']);
    assert.deepEqual(ports[0]?.concerns, ['it may drop entries']);
    assert.match(await metricsOf(http), /^connections_port_concerns\{port="cache"\} 1$/m);
  });

  it('is not degraded by what a store of its kind does not promise, and shows it', async () => {
    const portNotices = { cache: () => ['it is one server'] };
    await using client = await connected([service({ portNotices })]);
    const http = httpOf(client.running);
    const { status, degraded, reason, ports } = await readyOf(http);
    assert.deepEqual([status, degraded, reason], [200, false, 'serving']);
    assert.deepEqual(ports[0]?.notices, ['it is one server']);
    const text = await metricsOf(http);
    assert.match(text, /^connections_degraded 0$/m);
    assert.match(text, /^connections_port_concerns\{port="cache"\} 0$/m);
  });

  it('is not ready from the moment of a stop on, while calls still end, then is gone', async () => {
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
    const http = httpOf(client.running);
    const open = client.cache.get({ key: 'a' });
    await inHandler;
    const stopped = client.running.stop();
    const { status, reason } = await readyOf(http);
    assert.equal(status, 503);
    assert.match(reason, /^stopping/);
    assert.equal((await fetch(`${http}/healthz`)).status, 200);
    finish();
    await open;
    await stopped;
    await assert.rejects(fetch(`${http}/healthz`));
  });

  it('is not opened where it is switched off', async () => {
    const running = await start([service({ http: unusable })], { httpEnabled: false });
    assert.equal(running.addresses[0]?.http, undefined);
    await running.stop();
  });

  it('whose port is busy stops the start with its variable, and leaves nothing open', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const busy = service({ http: { ...unusable, host: '127.0.0.1', port } });
    await assert.rejects(start([busy]), (error: StartError) => {
      assert.match(
        error.message,
        new RegExp(`^port ${port} is in use.* set TEST_HTTP_PORT to another port$`),
      );
      return true;
    });
    holder.close();
    assert.ok(busy.events.includes('close'));
  });

  it('on an address that is not of this machine names the variable of the host', async () => {
    const error = await start([service({ http: unusable })]).catch((reason: unknown) => reason);
    assert.match(String(error), /192\.0\.2\.1 is no address of this machine: set TEST_HTTP_HOST/);
  });
});
