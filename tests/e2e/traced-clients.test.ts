/** Publishers and consumers in a program that traces itself, with the OpenTelemetry SDK as its users set it up. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createConsumer, createPublisher, type ReceivedDelivery } from '@connections/messaging-utils';
import { connectMessaging } from '@connections/proto-utils';
import { context, propagation, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { OtlpCollector } from './otlp-collector.ts';
import { receive } from './received-messages.ts';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

const queue = 'jobs';

describe('a program that traces itself', { timeout: 30_000 }, () => {
  const provider = new NodeTracerProvider();
  const tracer = provider.getTracer('program');
  let collector: OtlpCollector;
  let service: StandaloneProcess;

  before(async () => {
    provider.register();
    collector = await OtlpCollector.open();
    service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    using client = connectMessaging(service.messagingAddress);
    const topology = { exchanges: [], queues: [{ name: queue }], bindings: [] };
    await client.messaging.declareTopology({ topology });
  });

  after(async () => {
    await service[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  it('has its publisher, the service and its consumer in one trace', async () => {
    using publisher = createPublisher({ address: service.messagingAddress });
    using consumer = createConsumer({ address: service.messagingAddress });
    const program = await tracer.startActiveSpan('order', async (span) => {
      await publisher.publish('', queue, { id: 'a', body: 'text' });
      span.end();
      return span.spanContext();
    });
    const stop = new AbortController();
    const handled = await new Promise<[ReceivedDelivery, unknown]>((resolve) => {
      void consumer.run(
        queue,
        async (delivery) => {
          await new Promise(setImmediate);
          resolve([delivery, trace.getActiveSpan()?.spanContext()]);
          return 'ack';
        },
        { signal: stop.signal },
      );
    });
    stop.abort();
    const [{ message }, seen] = handled;
    const { traceId, spanId, traceFlags } = program;
    assert.deepEqual(seen, { traceId, spanId, traceFlags, isRemote: true });
    assert.equal(message.headers.get('traceparent'), `00-${traceId}-${spanId}-01`);
    for (const name of [
      'connections.messaging.v1.MessagingService/Publish',
      `publish ${queue}`,
      'broker.publish',
      `deliver ${queue}`,
    ]) {
      await collector.span(name, (span) => span.traceId === traceId);
    }
    const rpc = await collector.span('connections.messaging.v1.MessagingService/Publish');
    assert.equal(rpc.parentId, spanId);
  });

  it('can publish all that a program can that does not', async () => {
    using publisher = createPublisher({ address: service.messagingAddress });
    const headers = (count: number, bytes: number) =>
      new Map(Array.from({ length: count }, (_, index) => [`h${index}`, 'v'.repeat(bytes)]));
    const messages = [
      { id: 'full', headers: headers(64, 0), body: '' },
      { id: 'long', headers: headers(1, 8_190), body: '' },
      { id: 'room for one', headers: headers(63, 0), body: '' },
      { id: 'own', headers: new Map([['baggage', 'mine=1']]), body: '' },
    ];
    // As much as one request takes: 4 MiB, less what names and framing are.
    const large = Array.from({ length: 256 }, (_, index) => ({
      id: `l${index}`,
      body: Buffer.alloc(16_360),
    }));
    const entry = { value: 'x'.repeat(4_000) };
    const baggage = propagation.createBaggage({ a: entry, b: entry });
    const active = propagation.setBaggage(trace.setSpan(context.active(), tracer.startSpan('a')), baggage);
    await context.with(active, async () => {
      await publisher.publish('', queue, messages);
      await publisher.publish('', queue, large);
    });
    using client = connectMessaging(service.messagingAddress);
    const received = await receive(client, queue, messages.length + large.length);
    const keys = (id: string) => [...(received.get(id)?.keys() ?? [])].filter((key) => !/^h\d/.test(key));
    assert.deepEqual(
      [keys('full'), keys('long'), keys('room for one'), received.get('own')?.get('baggage'), keys('l7')],
      [[], [], ['traceparent'], 'mine=1', ['traceparent']],
    );
  });
});
