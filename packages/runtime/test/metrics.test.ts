/** What is counted, and how it is written out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '@connections/grpc';
import { cacheService, messagingService } from '@connections/proto-utils';
import { createMetrics, type Metrics, metricRows, noteInBandFailure } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { inStages } from '../src/interceptors/call-stages.ts';
import { driverMetrics } from '../src/metrics/driver-metrics.ts';
import { collectProcess } from '../src/metrics/process-metrics.ts';
import { RpcMetrics } from '../src/metrics/rpc-metrics.ts';
import { testCall } from './call.ts';

/** The lines of one metric, without its head. */
async function samplesOf(metrics: Metrics, name: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
}

describe('metrics', () => {
  it('count, and are written with their head and their labels in the order of the catalogue', async () => {
    const metrics = createMetrics();
    metrics.counter('settlements', { outcome: 'acknowledged' }).add();
    metrics.counter('settlements', { outcome: 'acknowledged' }).add(2);
    const { name, help } = metricRows.settlements;
    assert.equal(
      await metrics.text(),
      `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name}{outcome="acknowledged"} 3\n`,
    );
    const labels = { code: 'OK', method: 'Get', service: 'a.B' };
    assert.equal(
      metrics.counter('rpcs', labels),
      metrics.counter('rpcs', { service: 'a.B', method: 'Get', code: 'OK' }),
    );
  });

  it('put each value into its bucket, a bound into its own', async () => {
    const metrics = createMetrics();
    const seconds = metrics.histogram('rpcSeconds', { service: 'a.B', method: 'Get' });
    for (const value of [0, 0.5, 0.6, 11]) seconds.observe(value);
    const samples = await samplesOf(metrics, metricRows.rpcSeconds.name);
    const text = samples.join('\n');
    assert.match(text, /le="0.25"\} 1$/m);
    assert.match(text, /le="0.5"\} 2$/m);
    assert.match(text, /le="10"\} 3$/m);
    assert.match(text, /le="\+Inf"\} 4$/m);
    assert.match(text, /^_sum\{service="a.B",method="Get"\} 12.1$/m);
    assert.match(text, /^_count\{service="a.B",method="Get"\} 4$/m);
  });

  it('ask their collectors for each text, and keep nothing of the time before', async () => {
    const metrics = createMetrics();
    let queue = 'first';
    metrics.collect((report) => report('queueConsumers', { queue }, 1));
    assert.deepEqual(await samplesOf(metrics, 'connections_queue_consumers'), ['{queue="first"} 1']);
    queue = 'second';
    assert.deepEqual(await samplesOf(metrics, 'connections_queue_consumers'), ['{queue="second"} 1']);
  });

  it('survive a collector that fails, at once or later', async () => {
    const metrics = createMetrics();
    metrics.collect(() => {
      throw new Error('closed');
    });
    metrics.collect(async () => Promise.reject(new Error('away')));
    metrics.collect((report) => report('serving', {}, 1));
    assert.deepEqual(await samplesOf(metrics, 'connections_serving'), [' 1']);
  });

  it('write values that callers chose so that no line breaks', async () => {
    const metrics = createMetrics();
    metrics.collect((report) => report('queueConsumers', { queue: 'a"b\\c\nd' }, 1));
    assert.deepEqual(await samplesOf(metrics, 'connections_queue_consumers'), ['{queue="a\\"b\\\\c\\nd"} 1']);
  });

  it('tell of the process: event loop, memory, processor, start and versions', async () => {
    const metrics = createMetrics();
    using _ = collectProcess(metrics, '1.2.3');
    await new Promise((resolve) => setTimeout(resolve, 30));
    // Held for longer than any idle loop sleeps.
    for (const until = performance.now() + 150; performance.now() < until; );
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [delay] = await samplesOf(metrics, 'nodejs_event_loop_delay_seconds{quantile="1"}');
    assert.ok(Number(delay) > 0.1 && Number(delay) < 5, delay);
    const [start] = await samplesOf(metrics, 'process_start_time_seconds');
    assert.ok(Math.abs(Number(start) - (Date.now() / 1_000 - process.uptime())) < 2, start);
    const [memory] = await samplesOf(metrics, 'process_resident_memory_bytes');
    assert.ok(Number(memory) > 10_000_000, memory);
    assert.match(await metrics.text(), /^connections_build_info\{version="1.2.3",node="\d+\.\d+\.\d+"\} 1$/m);
  });
});

describe('the metrics of driver calls', () => {
  it('tell successes, refusals and errors of the driver apart', async () => {
    const metrics = createMetrics();
    const observe = driverMetrics(metrics);
    const call = { port: 'cache', driver: 'redis', operation: 'get' };
    for (const failed of [
      undefined,
      undefined,
      failure('STORE_FULL', { limit: 1 }),
      new Error('ECONNRESET'),
    ]) {
      observe(call)(failed);
    }
    const labels = 'port="cache",driver="redis",operation="get"';
    assert.deepEqual(await samplesOf(metrics, 'connections_driver_calls_total'), [
      `{${labels},code="OK"} 2`,
      `{${labels},code="RESOURCE_EXHAUSTED"} 1`,
      `{${labels},code="UNKNOWN"} 1`,
    ]);
    const [count] = await samplesOf(metrics, 'connections_driver_call_duration_seconds_count');
    assert.equal(count, `{${labels}} 4`);
  });
});

describe('the metrics of rpcs', () => {
  const get = cacheService.methods.get.path;
  const names = 'service="connections.cache.v1.CacheService",method="Get"';

  function rpcMetrics() {
    const metrics = createMetrics();
    const rpcs = new RpcMetrics(metrics);
    rpcs.add(cacheService);
    rpcs.add(messagingService);
    const around = inStages([rpcs.stage]);
    const run = (method: string, error?: unknown) =>
      around(testCall({ method }), async () => {
        if (error !== undefined) throw error;
      }).catch(() => {});
    return { metrics, around, run };
  }

  it('count by status and time unary calls, failed ones too', async () => {
    const { metrics, run } = rpcMetrics();
    await run(get);
    await run(get, failure('TOO_MANY_CALLS', { limit: 1 }));
    const samples = await samplesOf(metrics, 'connections_rpcs_total');
    assert.ok(samples.includes(`{${names},code="OK"} 1`));
    assert.ok(samples.includes(`{${names},code="RESOURCE_EXHAUSTED"} 1`));
    assert.deepEqual(await samplesOf(metrics, 'connections_rpc_failures_total'), [
      `{${names},reason="TOO_MANY_CALLS",in_band="false"} 1`,
    ]);
    const counts = await samplesOf(metrics, 'connections_rpc_duration_seconds_count');
    assert.ok(counts.includes(`{${names}} 2`));
    assert.ok(!counts.some((line) => line.includes('method="Subscribe"')));
  });

  it('count a failure that is answered in the reply beside the OK that it was', async () => {
    const { metrics, around } = rpcMetrics();
    const call = testCall({ method: get });
    await around(call, async () =>
      noteInBandFailure(call, failure('TASK_NOT_FOUND', { category: 'a', id: 'b' })),
    );
    const [line] = await samplesOf(metrics, 'connections_rpc_failures_total');
    assert.equal(line, `{${names},reason="TASK_NOT_FOUND",in_band="true"} 1`);
    assert.ok((await samplesOf(metrics, 'connections_rpcs_total')).includes(`{${names},code="OK"} 1`));
  });

  it('make no series of methods that are not mounted, nor of reasons that are not in the catalogue', async () => {
    const { metrics, run } = rpcMetrics();
    await run('/made.Up/Method');
    const details = [{ kind: 'ErrorInfo', reason: 'MADE_UP', domain: 'x', metadata: {} }] as const;
    await run(get, new StatusError('ABORTED', 'x', { details }));
    await run(get, new StatusError('CANCELLED', 'x'));
    const text = await metrics.text();
    assert.doesNotMatch(text, /made|MADE_UP/i);
    assert.match(text, /reason="NONE",in_band="false"\} 2$/m);
  });

  it('tell what is in progress, streams apart', async () => {
    const { metrics, around } = rpcMetrics();
    let finish = () => {};
    const subscribe = testCall({ method: messagingService.methods.subscribe.path });
    const open = around(subscribe, () => new Promise((resolve) => (finish = resolve)));
    const stream = 'service="connections.messaging.v1.MessagingService",method="Subscribe",kind="stream"';
    assert.ok((await samplesOf(metrics, 'connections_rpcs_in_flight')).includes(`{${stream}} 1`));
    finish();
    await open;
    const after = await samplesOf(metrics, 'connections_rpcs_in_flight');
    assert.ok(after.every((line) => line.endsWith(' 0')));
    assert.ok(after.some((line) => line.includes('kind="unary"')));
  });
});
