/** What tracing costs and may break: nothing while it is off, nothing but traces when its collector is of no use. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Metadata } from '@connections/grpc';
import { connectDatabase, connectMessaging } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { cliMain, startCommand } from './cli-command.ts';
import { OtlpCollector } from './otlp-collector.ts';
import { receive } from './received-messages.ts';
import {
  runStandalone,
  type StandaloneProcess,
  startStandalone,
  temporaryFolder,
} from './standalone-process.ts';

const traceparent = `00-${'a0'.repeat(16)}-${'b1'.repeat(8)}-01`;
const listModules = fileURLToPath(new URL('../../fixtures/list-modules.cjs', import.meta.url));

async function stop(service: StandaloneProcess) {
  const start = performance.now();
  service.kill('SIGTERM');
  const exit = await service.exited;
  return { ...exit, ms: performance.now() - start };
}

async function callOnce(service: Pick<StandaloneProcess, 'databaseAddress'>): Promise<void> {
  using database = connectDatabase(service.databaseAddress);
  await database.cache.get({ key: 'a' }, { timeoutMs: 5_000 });
}

/** CommonJS modules of OpenTelemetry that a process has loaded when it ends: all of its are. */
async function loadedModules(env: Record<string, string>): Promise<string[]> {
  const folder = temporaryFolder();
  await using service = await startStandalone({
    CONNECTIONS_DATA: folder,
    MODULES_FILE: join(folder, 'modules.json'),
    NODE_OPTIONS: `--require ${listModules}`,
    ...env,
  });
  await callOnce(service);
  await stop(service);
  const modules: string[] = JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8'));
  return modules.filter((file) => file.includes('@opentelemetry'));
}

describe('tracing that is off', { timeout: 30_000 }, () => {
  it('loads nothing of OpenTelemetry', async () => {
    await using collector = await OtlpCollector.open();
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
    const [unset, none, disabled, on] = await Promise.all([
      loadedModules({}),
      loadedModules({ ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
      loadedModules({ ...endpoint, OTEL_SDK_DISABLED: 'true' }),
      loadedModules(endpoint),
    ]);
    assert.deepEqual([unset, none, disabled], [[], [], []]);
    assert.ok(on.length > 0);
  });

  it('hands the context of a publisher to the consumer all the same', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder() });
    using client = connectMessaging(service.messagingAddress);
    const topology = { exchanges: [], queues: [{ name: 'jobs' }], bindings: [] };
    await client.messaging.declareTopology({ topology });
    const metadata = new Metadata();
    for (const [key, value] of [
      ['traceparent', traceparent],
      ['tracestate', 'a=1'],
    ] as const) {
      metadata.set(key, value);
    }
    const target = { exchange: '', routingKey: 'jobs' };
    await client.messaging.publish({ ...target, messages: [{ id: 'a' }] }, { metadata });
    metadata.set('traceparent', 'nonsense');
    await client.messaging.publish({ ...target, messages: [{ id: 'b' }] }, { metadata });
    const received = await receive(client, 'jobs', 2);
    assert.deepEqual(
      [...received],
      [
        [
          'a',
          new Map([
            ['traceparent', traceparent],
            ['tracestate', 'a=1'],
          ]),
        ],
        ['b', new Map()],
      ],
    );
  });
});

describe('tracing', { timeout: 30_000 }, () => {
  it('refuses at the start, a line each, what it cannot do', async () => {
    const { code, stderr } = await runStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_PROPAGATORS: 'tracecontext,b3',
    });
    assert.equal(code, 2);
    assert.deepEqual(stderr.trimEnd().split('\n'), [
      'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", expected http/protobuf',
      'OTEL_TRACES_SAMPLER is "sometimes", expected one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio',
      'OTEL_PROPAGATORS is "b3", expected a list of tracecontext, baggage, none',
    ]);
  });

  it('sends headers and resource as they are set, and prints no header', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      LOG_LEVEL: 'debug',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/v1/traces`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2',
      OTEL_SERVICE_NAME: 'shop',
    });
    await callOnce(service);
    // Long before the delay of a batch is over: a stop sends what is there.
    const { code, stdout, stderr } = await stop(service);
    assert.equal(code, 0);
    assert.equal((await collector.span('cache.get')).service, 'shop');
    assert.equal(collector.headers[0]?.authorization, 'hunter2');
    assert.ok(!`${stdout}${stderr}`.includes('hunter2'));
  });

  it('takes from a .env file what the SDK reads, under `connections up` too', async () => {
    await using collector = await OtlpCollector.open();
    const folder = temporaryFolder();
    const variables = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2',
      DATABASE_CONNECTION_PORT: 0,
      MESSAGING_CONNECTION_PORT: 0,
      DATABASE_HTTP_PORT: 0,
      MESSAGING_HTTP_PORT: 0,
    };
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, '.env'), lines.join(''));
    await using up = startCommand([process.execPath, cliMain, 'up'], { folder });
    const address = await eventually(() => {
      const [, found] = /^ +database +(\S+)/m.exec(up.stdout()) ?? [];
      assert.ok(found, up.stdout());
      return found;
    }, 10_000);
    await callOnce({ databaseAddress: address });
    up.child.kill('SIGTERM');
    await collector.span('cache.get');
    assert.equal(collector.headers[0]?.authorization, 'hunter2');
  });

  it('records nothing with a sampler that is off, and messages say so', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_TRACES_SAMPLER: 'always_off',
    });
    using client = connectMessaging(service.messagingAddress);
    const topology = { exchanges: [], queues: [{ name: 'jobs' }], bindings: [] };
    await client.messaging.declareTopology({ topology });
    await client.messaging.publish({ exchange: '', routingKey: 'jobs', messages: [{ id: 'a' }] });
    const received = await receive(client, 'jobs', 1);
    assert.match(received.get('a')?.get('traceparent') ?? '', /^00-[\da-f]{32}-[\da-f]{16}-00$/);
    assert.equal((await stop(service)).code, 0);
    assert.deepEqual(collector.headers, []);
  });

  it('writes spans to standard error when asked to', async () => {
    await using service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      OTEL_TRACES_EXPORTER: 'console',
    });
    await callOnce(service);
    const { stdout, stderr } = await stop(service);
    const spans = stderr.split('\n').filter((line) => line.startsWith('{"span":'));
    const [driver, rpc] = spans.map((line) => JSON.parse(line));
    assert.deepEqual([driver.span, rpc.span], ['cache.get', 'connections.cache.v1.CacheService/Get']);
    assert.equal(driver.parent_span_id, rpc.span_id);
    assert.ok(!stdout.includes('CacheService'));
  });
});

describe('a collector', { timeout: 30_000 }, () => {
  const queue = { OTEL_BSP_SCHEDULE_DELAY: '10', OTEL_BSP_EXPORT_TIMEOUT: '200', LOG_FORMAT: 'json' };

  for (const manner of ['hangs', 'refuses'] as const) {
    it(`that ${manner} costs no call, holds no stop and fills no log`, async () => {
      await using collector = await OtlpCollector.open(manner);
      await using service = await startStandalone({
        CONNECTIONS_DATA: temporaryFolder(),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        ...queue,
      });
      await eventually(async () => {
        await callOnce(service);
        assert.ok(collector.headers.length >= 3);
      });
      const { code, stderr, ms } = await stop(service);
      assert.equal(code, 0);
      assert.ok(ms < 5_000, `the stop took ${ms} ms`);
      const told = stderr.split('\n').filter((line) => line.includes('traces cannot be sent'));
      assert.equal(told.length, 1, stderr);
    });
  }

  it('that is not there costs no call and holds no stop', async () => {
    await using service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      DRAIN_SECONDS: '1',
      ...queue,
    });
    await callOnce(service);
    const { code, stderr, ms } = await stop(service);
    assert.equal(code, 0);
    assert.ok(ms < 3_000, `the stop took ${ms} ms`);
    assert.match(stderr, /traces (cannot be|were not) sent/);
  });
});
