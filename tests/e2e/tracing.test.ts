/** Traces of the real process, as a collector gets them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient, Metadata } from '@connections/grpc';
import {
  connectDatabase,
  connectMessaging,
  healthService,
  wireDatabaseService,
} from '@connections/proto-utils';
import { eventually, openTestChannel } from '@connections/testing';
import { OtlpCollector } from './otlp-collector.ts';
import { receive } from './received-messages.ts';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

const traceId = 'a0'.repeat(16);
const parentId = 'b1'.repeat(8);
const traceparent = `00-${traceId}-${parentId}-01`;

function metadata(values: Record<string, string>): Metadata {
  const made = new Metadata();
  for (const [key, value] of Object.entries(values)) made.set(key, value);
  return made;
}

function startTraced(collector: OtlpCollector, env: Record<string, string> = {}): Promise<StandaloneProcess> {
  return startStandalone({
    CONNECTIONS_DATA: temporaryFolder(),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...env,
  });
}

describe('the trace of a call', { timeout: 30_000 }, () => {
  it('goes on from the caller through the rpc to the driver', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector);
    using database = connectDatabase(service.databaseAddress);
    await database.cache.get({ key: 'secret-key' }, { metadata: metadata({ traceparent }) });

    const rpc = await collector.span('connections.cache.v1.CacheService/Get');
    const driver = await collector.span('cache.get');
    assert.deepEqual([rpc.traceId, rpc.parentId, rpc.kind], [traceId, parentId, 'SERVER']);
    assert.deepEqual([driver.traceId, driver.parentId, driver.kind], [traceId, rpc.spanId, 'INTERNAL']);
    assert.equal(rpc.service, 'connections');
    assert.match(String(rpc.attributes.get('network.peer.port')), /^\d+$/);
    const { 'network.peer.port': _, ...attributes } = Object.fromEntries(rpc.attributes);
    assert.deepEqual(attributes, {
      'rpc.system': 'grpc',
      'rpc.service': 'connections.cache.v1.CacheService',
      'rpc.method': 'Get',
      'rpc.grpc.status_code': 0,
      'network.peer.address': '127.0.0.1',
    });
  });

  it('tells the reason of a failure, in the reply too, and whether the server is to blame', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector);
    using database = connectDatabase(service.databaseAddress);
    await assert.rejects(database.tasks.get({ category: 'a', id: 'b' }));
    const rpc = await collector.span('connections.tasks.v1.TaskService/Get');
    assert.deepEqual(
      [rpc.attributes.get('rpc.grpc.status_code'), rpc.attributes.get('error.type'), rpc.failed],
      [5, 'TASK_NOT_FOUND', false],
    );
    const channel = openTestChannel(service.databaseAddress);
    await createClient(wireDatabaseService, channel).redisSet({ key: '', value: 'a' });
    channel.close();
    const wire = await collector.span('database_service.DatabaseService/RedisSet');
    assert.deepEqual(
      [wire.attributes.get('rpc.grpc.status_code'), wire.attributes.get('error.type'), wire.failed],
      [0, 'INVALID_REQUEST', false],
    );
  });

  it('begins here where the caller sends nothing that is a context', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector);
    using database = connectDatabase(service.databaseAddress);
    const hostile = [
      {},
      { traceparent: 'x' },
      { traceparent: `00-${'0'.repeat(32)}-${parentId}-01` },
      { traceparent: `${traceparent}-${'f'.repeat(7_000)}` },
      { traceparent: `${traceparent}, ${traceparent}` },
      { tracestate: '='.repeat(3_000), baggage: ',;='.repeat(1_000) },
    ];
    for (const [index, values] of hostile.entries()) {
      await database.cache.get({ key: `${index}` }, { metadata: metadata(values) });
    }
    // Over the limit of all metadata: the transport refuses the call, traced or not.
    const flood = metadata({ traceparent: '0'.repeat(100_000) });
    await assert.rejects(database.cache.get({ key: 'a' }, { metadata: flood }));
    await database.cache.get({ key: 'a' });
    const roots = await eventually(() => {
      const found = collector.spans.filter(({ kind }) => kind === 'SERVER');
      assert.equal(found.length, hostile.length + 1);
      return found;
    });
    for (const root of roots) assert.deepEqual([root.parentId, root.traceId === traceId], ['', false]);
    assert.equal(new Set(roots.map((root) => root.traceId)).size, roots.length);
  });

  it('is not made of health checks, nor of what the service does by itself', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector);
    const channel = openTestChannel(service.databaseAddress);
    await createClient(healthService, channel).check({});
    channel.close();
    using database = connectDatabase(service.databaseAddress);
    await database.cache.get({ key: 'a' });
    await collector.span('connections.cache.v1.CacheService/Get');
    const names = new Set(collector.spans.map(({ name }) => name));
    assert.deepEqual(names, new Set(['connections.cache.v1.CacheService/Get', 'cache.get']));
  });

  it('stands on the log lines of the call', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector, { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' });
    using database = connectDatabase(service.databaseAddress);
    await database.cache.get({ key: 'a' }, { metadata: metadata({ traceparent }) });
    const rpc = await collector.span('connections.cache.v1.CacheService/Get');
    service.kill('SIGTERM');
    const { stderr } = await service.exited;
    const line = stderr.split('\n').find((text) => text.includes('CacheService/Get'));
    const { trace_id, span_id } = JSON.parse(line ?? '');
    assert.deepEqual([trace_id, span_id], [traceId, rpc.spanId]);
  });
});

describe('the trace of a message', { timeout: 30_000 }, () => {
  it('is that of its publishing where it brings none, and stays its own where it does', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector);
    using client = connectMessaging(service.messagingAddress);
    const queues = [{ name: 'jobs' }];
    await client.messaging.declareTopology({ topology: { exchanges: [], queues, bindings: [] } });
    const own = `00-${'c2'.repeat(16)}-${'d3'.repeat(8)}-01`;
    const full = new Map(Array.from({ length: 64 }, (_, index) => [`h${index}`, '']));
    const messages = [
      { id: 'none' },
      { id: 'own', headers: new Map([['traceparent', own]]) },
      { id: 'full', headers: full },
    ];
    const call = { metadata: metadata({ traceparent, tracestate: 'a=1', baggage: 'user=7' }) };
    await client.messaging.publish({ exchange: '', routingKey: 'jobs', messages }, call);

    const rpc = await collector.span('connections.messaging.v1.MessagingService/Publish');
    const producer = await collector.span('publish jobs');
    const driver = await collector.span('broker.publish');
    assert.deepEqual([producer.traceId, producer.parentId], [traceId, rpc.spanId]);
    assert.deepEqual([producer.kind, driver.parentId], ['PRODUCER', producer.spanId]);
    assert.equal(producer.attributes.get('messaging.batch.message_count'), 3);

    const received = await receive(client, 'jobs', 3);
    assert.deepEqual(Object.fromEntries(received.get('none') ?? []), {
      traceparent: `00-${traceId}-${producer.spanId}-01`,
      tracestate: 'a=1',
      baggage: 'user=7',
    });
    assert.deepEqual(Object.fromEntries(received.get('own') ?? []), { traceparent: own });
    assert.deepEqual(received.get('full'), full);
    const delivery = await collector.span('deliver jobs', ({ traceId: id }) => id === 'c2'.repeat(16));
    assert.equal(delivery.parentId, 'd3'.repeat(8));
  });

  it('has its deliveries, each linked to the stream it went out on, until they are settled', async () => {
    await using collector = await OtlpCollector.open();
    await using service = await startTraced(collector);
    using client = connectMessaging(service.messagingAddress);
    const names = ['a', 'b', 'c', 'd'];
    const queues = names.map((name) => ({ name }));
    await client.messaging.declareTopology({ topology: { exchanges: [], queues, bindings: [] } });
    // All streams are open at once and get their messages in turn, so that contexts could get mixed up.
    const streams = names.map((name) =>
      receive(client, name, 8, {
        metadata: metadata({ traceparent: `00-${name.repeat(32)}-${parentId}-01` }),
      }),
    );
    for (let index = 0; index < 8; index++) {
      for (const name of names) {
        const messages = [{ id: `${name}${index}` }];
        await client.messaging.publish({ exchange: '', routingKey: name, messages });
      }
    }
    await Promise.all(streams);
    for (const name of names) {
      const stream = await collector.span(
        'connections.messaging.v1.MessagingService/Subscribe',
        ({ traceId: id }) => id === name.repeat(32),
      );
      const deliveries = collector.spans.filter((span) => span.name === `deliver ${name}`);
      assert.equal(deliveries.length, 8);
      for (const { links, kind, attributes, parentId: parent } of deliveries) {
        assert.deepEqual([links, kind], [[stream.spanId], 'CONSUMER']);
        assert.equal(attributes.get('connections.delivery.outcome'), 'acknowledged');
        assert.ok(
          collector.spans.some(({ spanId, name: of }) => spanId === parent && of === `publish ${name}`),
        );
      }
    }
  });
});
