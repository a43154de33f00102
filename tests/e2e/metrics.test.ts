/** The side ports of the real process: what they export is what docs/metrics.md says, under load too. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { type AnyMethod, createClient } from '@connections/grpc';
import {
  connectDatabase,
  connectMessaging,
  wireDatabaseService,
  wireMessagingService,
} from '@connections/proto-utils';
import {
  eventually,
  type MetricFamily,
  mongoMissing,
  openTestChannel,
  parsePrometheusText,
  prepareMongo,
  redisMissing,
  startMongo,
  startRedis,
} from '@connections/testing';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

// From tests/dist/e2e to the root of the checkout.
const doc = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

/** What only a process has whose tasks are on MongoDB and Redis. */
const ofTwoStores = /^connections_task_/;

/** `name type label,label` for each row of the table, in alphabetical order. */
function documented(): string[] {
  return [...doc.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) \| /gm)]
    .map(([, name, type, labels = '']) => {
      const names = [...labels.matchAll(/(?:^|; )`(\w+)`: /g)].map(([, label]) => label);
      return `${name} ${type} ${names.join()}`;
    })
    .sort();
}

function exported(families: readonly MetricFamily[]): string[] {
  const rows = families.flatMap(({ name, type, samples }) =>
    samples.map(({ labels }) => {
      const names = [...labels.keys()].filter((label) => label !== 'le');
      return `${name} ${type} ${names.join()}`;
    }),
  );
  return [...new Set(rows)].sort();
}

async function scrape(http: string): Promise<MetricFamily[]> {
  const response = await fetch(`${http}/metrics`);
  assert.equal(response.status, 200);
  return parsePrometheusText(await response.text());
}

/** A call of every kind: unary and streams, v1 and wire, ended well, in band and with a status, known and unknown. */
async function traffic(service: StandaloneProcess): Promise<void> {
  using database = connectDatabase(service.databaseAddress);
  using messaging = connectMessaging(service.messagingAddress);
  const channel = openTestChannel(service.databaseAddress);
  const wireChannel = openTestChannel(service.messagingAddress);
  try {
    await database.cache.set({ key: 'a', value: new Uint8Array(1) });
    await assert.rejects(database.tasks.get({ category: 'a', id: 'b' }), { status: 'NOT_FOUND' });
    await assert.rejects(database.cache.get({ key: '' }), { status: 'INVALID_ARGUMENT' });
    const wire = createClient(wireDatabaseService, channel);
    await wire.redisSet({ key: '', value: 'x' }).catch(() => {});
    await wire.getTaskId({ taskId: 'unknown', task: 'unknown' }).catch(() => {});
    const get: AnyMethod = wireDatabaseService.methods.redisGet;
    const unknown = { ...get, path: '/made.Up/Method' };
    await assert.rejects(channel.unary(unknown, {}, {}), { status: 'UNIMPLEMENTED' });

    await messaging.messaging.declareTopology({ topology: { queues: [{ name: 'jobs' }] } });
    await messaging.messaging.publish({ routingKey: 'jobs', messages: [{ body: new Uint8Array(1) }] });
    const requests = (async function* () {
      yield { frame: { $case: 'open' as const, value: { queue: 'jobs' } } };
      await new Promise(() => {});
    })();
    for await (const { frame } of messaging.messaging.subscribe(requests))
      if (frame?.$case === 'delivery') break;
    const wireMessaging = createClient(wireMessagingService, wireChannel);
    const stop = new AbortController();
    const stream = wireMessaging.streamSchemaMessages({}, { signal: stop.signal })[Symbol.asyncIterator]();
    const ended = assert.rejects(stream.next(), { status: 'CANCELLED' });
    stop.abort();
    await ended;
  } finally {
    channel.close();
    wireChannel.close();
  }
}

const storesMissing = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;

describe('the metrics of the process', () => {
  it('are those of docs/metrics.md by name, type and labels, no more and no less', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder(), LOG_LEVEL: 'silent' });
    await traffic(service);
    const families = [...(await scrape(service.databaseHttp)), ...(await scrape(service.messagingHttp))];
    assert.ok(documented().length > 10);
    assert.deepEqual(
      exported(families),
      documented().filter((row) => !ofTwoStores.test(row)),
    );
    const labels = families.flatMap(({ samples }) =>
      samples.flatMap((sample) => [...sample.labels.values()]),
    );
    assert.ok(!labels.some((value) => value.includes('made.Up')));
  });

  it('are those of docs/metrics.md with tasks on MongoDB and Redis too', {
    skip: storesMissing,
  }, async () => {
    await using redis = await startRedis({ own: true });
    await using mongo = await startMongo({ own: true });
    const tasksUrl = `mongodb://127.0.0.1:${mongo.port}/metrics`;
    await prepareMongo(tasksUrl);
    await using service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      LOG_LEVEL: 'silent',
      DATABASE_TASKS_URL: tasksUrl,
      DATABASE_TASKS_VIEW_URL: redis.url,
    });
    await traffic(service);
    await eventually(async () => {
      const families = [...(await scrape(service.databaseHttp)), ...(await scrape(service.messagingHttp))];
      assert.deepEqual(exported(families), documented());
    }, 10_000);
  });

  it('stay readable while the service works, and add up', { timeout: 30_000 }, async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder(), LOG_LEVEL: 'silent' });
    using database = connectDatabase(service.databaseAddress);
    let calls = 0;
    let working = true;
    const workers = Array.from({ length: 20 }, async () => {
      while (working) {
        await database.cache.get({ key: 'a' });
        calls++;
      }
    });
    const total = async () => {
      const families = await scrape(service.databaseHttp);
      const rpcs = families.find(({ name }) => name === 'connections_rpcs_total')?.samples ?? [];
      return (
        rpcs.find(({ labels }) => labels.get('service')?.includes('cache') && labels.get('method') === 'Get')
          ?.value ?? 0
      );
    };
    const seen: number[] = [];
    while (seen.length < 20) seen.push(await total());
    working = false;
    await Promise.all(workers);
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      seen,
    );
    assert.equal(await total(), calls);
    const families = await scrape(service.databaseHttp);
    const driver = families.find(({ name }) => name === 'connections_driver_calls_total')?.samples ?? [];
    assert.equal(
      driver.find(({ labels }) => labels.get('port') === 'cache' && labels.get('operation') === 'get')?.value,
      calls,
    );
  });
});

describe('the side ports of the process', () => {
  it('hold up no stop, whatever a client keeps open', async () => {
    await using service = await startStandalone({ CONNECTIONS_DATA: temporaryFolder() });
    const { port } = new URL(service.databaseHttp);
    const held = connect(Number(port), '127.0.0.1');
    held.on('error', () => {});
    await once(held, 'connect');
    held.write('GET /metrics HTTP/1.1\r\n');
    const start = performance.now();
    service.kill('SIGTERM');
    assert.equal((await service.exited).code, 0);
    assert.ok(performance.now() - start < 1_500);
  });

  it('are not opened with HTTP_ENABLED=false', async () => {
    await using service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      HTTP_ENABLED: 'false',
    });
    assert.deepEqual([service.databaseHttp, service.messagingHttp], ['', '']);
  });
});
