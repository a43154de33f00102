/** What callers are told when the broker hangs, goes away or lets nothing through. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc/status';
import { createMetrics } from '@connections/runtime';
import { sabotaged, TestClock } from '@connections/testing';
import { openEmbeddedBroker } from '../src/driver/embedded/embedded-broker.ts';
import type { Broker } from '../src/port/broker.ts';
import { DeliveryRoom } from '../src/service/delivery-room.ts';
import { OpenStreams } from '../src/service/open-streams.ts';
import { type Publication, PublishService } from '../src/service/publish-service.ts';
import type { ClientFrame } from '../src/service/subscribe-frame.ts';
import { SubscribeService } from '../src/service/subscribe-service.ts';

const { signal } = new AbortController();
const queue = 'jobs';
const publication = publicationOf('a', Buffer.from('body'));
const never = () => new Promise<never>(() => {});

function publicationOf(id: string, body: Uint8Array): Publication {
  const message = { id, body, contentType: '', headers: new Map(), subject: '' };
  return {
    namespace: '',
    exchange: '',
    routingKey: queue,
    messages: [message],
    requestId: undefined,
    trace: new Map(),
  };
}

async function openBroker() {
  const folder = await mkdtemp(join(tmpdir(), 'connections-broker-faults-'));
  const clock = new TestClock();
  const broker = await openEmbeddedBroker({ folder, clock });
  const queues = [{ name: queue, deliveryLimit: 5, deadLetterQueue: `${queue}.dead` }];
  await broker.declare('default', { exchanges: [], queues, bindings: [] }, signal);
  return {
    broker,
    clock,
    publishing: (port: Broker) =>
      new PublishService({ broker: port, clock, metrics: createMetrics(), maxBodyBytes: 10_000_000 }),
    subscribing: (port: Broker) =>
      new SubscribeService({
        broker: port,
        clock,
        streams: new OpenStreams(),
        budget: new DeliveryRoom({ maxBytes: 1_048_576, stalledMs: 30_000, clock }),
        leaseMs: 60_000,
      }),
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A subscription whose frames are sent and read by hand. */
function subscriberOf(service: SubscribeService) {
  const sent: ClientFrame[] = [
    { kind: 'open', namespace: '', queue, credit: { messages: 0, bytes: 0 }, leaseMs: undefined },
  ];
  let wake = () => {};
  async function* requests(): AsyncGenerator<ClientFrame, void> {
    for (;;) {
      const frame = sent.shift();
      if (frame) yield frame;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    frames: service.subscribe(requests(), { signal, abort: () => {} }),
    send(frame: ClientFrame) {
      sent.push(frame);
      wake();
    },
  };
}

function failsFor(reason: string) {
  return (error: unknown) => isStatusError(error) && error.reason === reason;
}

describe('a broker that', () => {
  it('does not confirm in time leaves the outcome unknown', async () => {
    await using opened = await openBroker();
    const stuck = sabotaged(opened.broker, { publish: never });
    const results = opened.publishing(stuck).publish(publication, signal);
    await opened.clock.advance(5_000);
    assert.deepEqual(
      (await results).map(({ id, outcome }) => [id, outcome.outcome]),
      [['a', 'UNKNOWN']],
    );
  });

  it('does not confirm before its caller gives up is waited for no longer', async () => {
    await using opened = await openBroker();
    const caller = new AbortController();
    const stuck = sabotaged(opened.broker, { publish: never });
    const results = opened.publishing(stuck).publish(publication, caller.signal);
    caller.abort(new Error('gone'));
    await assert.rejects(results, /gone/);
  });

  it('goes away has its subscribers lose what they hold, and fails their streams', async () => {
    await using opened = await openBroker();
    await opened.publishing(opened.broker).publish(publication, signal);
    const { frames } = subscriberOf(opened.subscribing(opened.broker));
    await frames.next();
    const { value: delivered } = await frames.next();
    assert.equal(delivered?.kind, 'delivery');
    await opened.broker[Symbol.asyncDispose]();
    const { value: lost } = await frames.next();
    assert.deepEqual(lost, { kind: 'lost', ids: [delivered.id], why: 'BROKER_LOST' });
    await assert.rejects(frames.next(), failsFor('STORE_UNREACHABLE'));
  });

  it('fails to settle fails the stream, and the message comes again', async () => {
    await using opened = await openBroker();
    const { broker } = opened;
    await opened.publishing(broker).publish(publication, signal);
    const failing = sabotaged(broker, {
      subscribe: async (...request) => {
        const subscription = await broker.subscribe(...request);
        return sabotaged(subscription, { settle: () => Promise.reject(new Error('no space')) });
      },
    });
    const { frames, send } = subscriberOf(opened.subscribing(failing));
    await frames.next();
    const { value: delivered } = await frames.next();
    assert.equal(delivered?.kind, 'delivery');
    send({ kind: 'ack', ids: [delivered.id] });
    await assert.rejects(frames.next(), /no space/);
    const heir = subscriberOf(opened.subscribing(broker)).frames;
    await heir.next();
    const { value: again } = await heir.next();
    assert.equal(again?.kind === 'delivery' && again.delivery.message.id, 'a');
    await heir.return();
  });

  it('holds a message too large for any reply has it dead-lettered', async () => {
    await using opened = await openBroker();
    const { broker } = opened;
    const large = publicationOf('large', Buffer.alloc(4_194_304));
    await opened.publishing(broker).publish(large, signal);
    await opened.publishing(broker).publish(publication, signal);
    const { frames } = subscriberOf(opened.subscribing(broker));
    await frames.next();
    const { value: delivered } = await frames.next();
    assert.equal(delivered?.kind === 'delivery' && delivered.delivery.message.id, 'a');
    await frames.return();
    const dead = await broker.subscribe('default', { queue: `${queue}.dead`, prefetch: 1 }, signal);
    const delivery = await dead.next(signal);
    assert.equal(delivery?.message.id, 'large');
    assert.equal(delivery?.message.headers.get('x-death-reason'), 'too_large');
  });
});
