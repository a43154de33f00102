/** What subscriptions on RabbitMQ hold of what nobody has asked for, counted, on a broker that pushes all that it may. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@connections/testing';
import { DeliveryMemory } from '../src/driver/rabbitmq/delivery-memory.ts';
import { RabbitSubscription, type SubscriptionParts } from '../src/driver/rabbitmq/rabbit-subscription.ts';
import { PushingBroker } from './pushing-broker.ts';

const prefetch = 32;
const mostOfAll = 67_108_864;
const mostOfOne = 4_194_304;
const largeBytes = 262_144;
const never = new AbortController().signal;

class WatchedMemory extends DeliveryMemory {
  peak = 0;

  override add(bytes: number): void {
    super.add(bytes);
    this.peak = Math.max(this.peak, this.bytes);
  }
}

/** Until everything that the broker pushes has come, and what came of it. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function scene() {
  const broker = new PushingBroker();
  const memory = new WatchedMemory();
  const parts = {
    namespace: 'default',
    physical: 'q',
    properties: { name: 'q', deliveryLimit: 0 },
    prefetch,
    lease: { link: { connection: broker.connection }, [Symbol.dispose]: () => {} },
    failures: { caughtUp: async () => {}, of: () => 0, forget: () => {} },
    memory,
    onClose: () => {},
  } as unknown as SubscriptionParts;
  return { broker, memory, open: () => RabbitSubscription.open(parts) };
}

async function take(subscription: RabbitSubscription) {
  const delivery = await subscription.next(never);
  assert.ok(delivery);
  return delivery;
}

describe('subscriptions that nobody reads', () => {
  it('hold one message each', async () => {
    const { broker, memory, open } = scene();
    broker.publish(1_000, largeBytes);
    for (let opened = 0; opened < 100; opened++) await open();
    await quiet();
    assert.equal(memory.peak, 100 * largeBytes);
  });

  it('hold 64 MiB together, and the one that is on its way', async () => {
    const { broker, memory, open } = scene();
    broker.publish(1_000, largeBytes);
    for (let opened = 0; opened < 500; opened++) {
      await open();
      await quiet();
    }
    assert.ok(memory.bytes >= mostOfAll);
    assert.ok(memory.peak <= mostOfAll + 2 * largeBytes, `${memory.peak / largeBytes} messages`);
  });

  it('hold nothing when each has given back what it got', async () => {
    const { broker, memory, open } = scene();
    broker.publish(4_000, largeBytes);
    for (let opened = 0; opened < 500; opened++) {
      const subscription = await open();
      const { tag } = await take(subscription);
      await subscription.settle(tag, { verdict: 'requeue', counts: false });
    }
    await eventually(() => assert.equal(broker.queue.length, 4_000));
    assert.ok(memory.peak <= 2 * largeBytes, `${memory.peak / largeBytes} messages`);
  });

  it('have one message for whoever asks again while the process holds as much as it may', async () => {
    const { broker, memory, open } = scene();
    broker.publish(1_000, largeBytes);
    const all: RabbitSubscription[] = [];
    for (let opened = 0; opened < 300; opened++) {
      all.push(await open());
      await quiet();
    }
    const [last] = all.slice(-1);
    assert.ok(memory.bytes >= mostOfAll && last);
    assert.equal(last.unsettled, 0);
    await take(last);
    await quiet();
    assert.equal(last.unsettled, 1);
  });
});

describe('a subscription that is read', () => {
  it('has its prefetch sent ahead once the size of the messages is known', async () => {
    const { broker, open } = scene();
    broker.publish(100, 1_024);
    const subscription = await open();
    await quiet();
    assert.equal(subscription.unsettled, 1);
    await take(subscription);
    await take(subscription);
    await quiet();
    assert.equal(subscription.unsettled, prefetch);
  });

  it('never has more than its prefetch, however fast it acknowledges', async () => {
    const { broker, open } = scene();
    broker.publish(1_000, 1_024);
    const subscription = await open();
    let most = 0;
    for (let count = 0; count < 500; count++) {
      const { tag } = await take(subscription);
      most = Math.max(most, subscription.unsettled);
      void subscription.settle(tag, { verdict: 'ack' });
    }
    assert.ok(most > prefetch / 2 && most <= prefetch, `${most}`);
  });

  it('has no more sent ahead than its share', async () => {
    const { broker, memory, open } = scene();
    broker.publish(100, largeBytes);
    const subscription = await open();
    await take(subscription);
    await take(subscription);
    await quiet();
    assert.ok(memory.peak <= mostOfOne, `${memory.peak / largeBytes} messages`);
    assert.ok(memory.bytes >= mostOfOne / 2);
  });

  it('gives back all but the first of what turned out to be large, and takes it as it asks', async () => {
    const { broker, memory, open } = scene();
    broker.publish(2, 1_024);
    const subscription = await open();
    await take(subscription);
    await take(subscription);
    broker.publish(40, 1_048_576);
    await eventually(() => assert.equal(memory.bytes, 1_048_576));
    assert.equal(broker.queue.length, 39);
    memory.peak = 0;
    for (let count = 0; count < 30; count++) {
      const { tag } = await take(subscription);
      await subscription.settle(tag, { verdict: 'ack' });
      await quiet();
    }
    assert.ok(memory.peak <= mostOfOne, `${memory.peak / 1_048_576} messages`);
  });

  it('has less sent ahead beside many others', async () => {
    const { broker, memory, open } = scene();
    for (let opened = 0; opened < 127; opened++) await open();
    const subscription = await open();
    const waiting = take(subscription);
    broker.publish(400, largeBytes);
    await waiting;
    await take(subscription);
    await quiet();
    assert.ok(subscription.unsettled <= 2 + mostOfAll / 128 / largeBytes, `${subscription.unsettled}`);
    assert.ok(memory.peak <= mostOfAll);
  });
});
