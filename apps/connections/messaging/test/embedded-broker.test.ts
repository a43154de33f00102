/** What the embedded broker promises beyond the contract: bounds, fairness, order after returns. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OpenedPort } from '@connections/testing';
import {
  ack,
  type BrokerWorld,
  declare,
  emptied,
  emptiedIds,
  failed,
  failsFor,
  fill,
  idsOf,
  message,
  numbered,
  publish,
  settle,
  subscribe,
  take,
  takeMany,
} from '../conformance/broker-acts.ts';
import type { Broker } from '../src/port/broker.ts';
import { type BrokerTestOptions, openTestBroker } from './embedded-broker-port.ts';

function worldOf(opened: OpenedPort<Broker>): BrokerWorld {
  const { port, passTime, reopen } = opened;
  return { port, namespace: 'n', signal: new AbortController().signal, now: Date.now, passTime, reopen };
}

async function withBroker(
  options: BrokerTestOptions,
  test: (world: BrokerWorld) => Promise<void>,
): Promise<void> {
  await using opened = await openTestBroker(options);
  await test(worldOf(opened));
}

describe('a full queue', () => {
  it('refuses what is above its limit, with the reason', () =>
    withBroker({ maxQueueMessages: 3 }, async (world) => {
      await declare(world, { q: ['a'] });
      const { port, namespace, signal } = world;
      const target = { exchange: 'events', routingKey: 'a' };
      const outcomes = await port.publish(
        namespace,
        target,
        numbered(5).map((id) => message(id)),
        signal,
      );
      const refused = { outcome: 'REJECTED', reason: 'queue q is full' };
      const taken = { outcome: 'CONFIRMED' };
      assert.deepEqual(outcomes, [taken, taken, taken, refused, refused]);
    }));

  it('has a message refused for every queue that it is routed to', () =>
    withBroker({ maxQueueMessages: 1 }, async (world) => {
      await declare(world, { p: ['#'], q: ['a'] });
      await publish(world, { routingKey: 'b' }, ['first']);
      assert.deepEqual(await publish(world, { routingKey: 'a' }, ['second']), ['REJECTED']);
      const all = await world.port.statistics(world.namespace, world.signal);
      assert.deepEqual(
        all.map(({ queue, ready }) => [queue, ready]),
        [
          ['p', 1],
          ['p.dead', 0],
          ['q', 0],
          ['q.dead', 0],
        ],
      );
    }));

  it('takes messages again when some were acknowledged, also after a reopening', () =>
    withBroker({ maxQueueMessages: 2 }, async (world) => {
      await declare(world, { q: ['a'] });
      await fill(world, 'q', 'a', 'b');
      const reopened = { ...world, port: await world.reopen() };
      assert.deepEqual(await publish(reopened, { routingKey: 'a' }, ['c']), ['REJECTED']);
      {
        await using consumer = await subscribe(reopened, 'q');
        await settle(consumer, await take(consumer), ack);
      }
      assert.deepEqual(await publish(reopened, { routingKey: 'a' }, ['c', 'd']), ['CONFIRMED', 'REJECTED']);
    }));

  it('takes dead letters above its limit', () =>
    withBroker({ maxQueueMessages: 2 }, async (world) => {
      await declare(world, { q: [] }, 1);
      for (const round of ['first', 'second']) {
        await fill(world, 'q', `${round} a`, `${round} b`);
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), failed);
        await settle(consumer, await take(consumer), failed);
      }
      await using undertaker = await subscribe(world, 'q.dead', 4);
      assert.deepEqual(idsOf(await takeMany(undertaker, 4)), ['first a', 'first b', 'second a', 'second b']);
    }));
});

describe('a full store', () => {
  const large = { body: new Uint8Array(64 * 1_024) };

  /** Publishes until the store is full; tells how many messages it took. */
  async function filled(world: BrokerWorld): Promise<number> {
    for (let count = 0; ; count++) {
      const [outcome] = await publish(world, { routingKey: 'a' }, [message(`m${count}`, large)]);
      if (outcome === 'REJECTED') return count;
      assert.ok(count < 1_000, 'the store is never full');
    }
  }

  it('rejects messages, and takes them again when others were settled', () =>
    withBroker({ maxBytes: 2 ** 20 }, async (world) => {
      await declare(world, { q: ['a'] }, 1);
      const count = await filled(world);
      await declare(world, { q: ['a'] }, 1);
      const [figures] = await world.port.statistics(world.namespace, world.signal);
      assert.equal(figures?.ready, count);
      {
        await using consumer = await subscribe(world, 'q', 8);
        const [rejected, ...others] = await takeMany(consumer, 8);
        assert.ok(rejected);
        await settle(consumer, rejected, failed);
        for (const delivery of others) await settle(consumer, delivery, ack);
      }
      assert.deepEqual(await publish(world, { routingKey: 'a' }, ['again']), ['CONFIRMED']);
      assert.equal((await emptied(world, 'q')).length, count - 7);
      assert.deepEqual(await emptiedIds(world, 'q.dead'), ['m0']);
    }));
});

describe('declarations', () => {
  it('that are refused change nothing', () =>
    withBroker({}, async (world) => {
      const { port, namespace, signal } = world;
      const topology = {
        exchanges: [{ name: 'e', type: 'topic' as const }],
        queues: [{ name: 'q', deliveryLimit: 1, deadLetterQueue: undefined }],
        bindings: [{ exchange: 'e', queue: 'missing', routingKey: '#' }],
      };
      await failsFor('QUEUE_NOT_FOUND', port.declare(namespace, topology, signal));
      assert.deepEqual(await port.topology(namespace, signal), { exchanges: [], queues: [], bindings: [] });
    }));

  it('made at the same time all stand', () =>
    withBroker({}, async (world) => {
      await Promise.all(numbered(20, 'q').map((queue) => declare(world, { [queue]: ['a'] })));
      const reopened = { ...world, port: await world.reopen() };
      await publish(reopened, { routingKey: 'a' }, ['m']);
      for (const queue of numbered(20, 'q')) assert.deepEqual(await emptiedIds(reopened, queue), ['m']);
    }));

  it('are bounded in number over all namespaces', () =>
    withBroker({}, async (world) => {
      await declare(world, { q: numbered(6_000) });
      const other = { ...world, namespace: 'other' };
      await failsFor('STORE_FULL', declare(other, { q: numbered(6_000) }));
      await declare(other, { q: numbered(3_000) });
    }));
});

describe('consumers of one queue', () => {
  it('that wait are served in the order in which they began to wait', () =>
    withBroker({}, async (world) => {
      await declare(world, { q: [] });
      const consumers = [];
      for (const _ of numbered(4)) consumers.push(await subscribe(world, 'q'));
      const waiting = consumers.map((consumer) => take(consumer));
      await fill(world, 'q', ...numbered(4));
      assert.deepEqual(idsOf(await Promise.all(waiting)), numbered(4));
    }));

  it('get about as much each when they work at the same pace', () =>
    withBroker({}, async (world) => {
      await declare(world, { q: [] });
      const done = new AbortController();
      let left = 90;
      const counts = numbered(3).map(async () => {
        await using consumer = await subscribe(world, 'q');
        for (let count = 0; ; count++) {
          const delivery = await consumer.next(done.signal).catch(() => undefined);
          if (!delivery) return count;
          await settle(consumer, delivery, ack);
          if (--left === 0) done.abort();
        }
      });
      for (let batch = 0; batch < 9; batch++) await fill(world, 'q', ...numbered(10));
      for (const count of await Promise.all(counts)) assert.ok(count >= 20, `one got ${count} of 90`);
    }));
});

describe('a subscription', () => {
  it('that is closed while a message is on its way gives that back', () =>
    withBroker({}, async (world) => {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      const consumer = await subscribe(world, 'q');
      const waiting = consumer.next(world.signal);
      await consumer[Symbol.asyncDispose]();
      assert.equal(await waiting, undefined);
      assert.deepEqual(await emptiedIds(world, 'q'), ['m']);
    }));
});

describe('a queue longer than what is read ahead', () => {
  it('keeps its order over returns, a reopening and later messages', () =>
    withBroker({}, async (world) => {
      await declare(world, { q: [] });
      for (let batch = 0; batch < 4; batch++) await fill(world, 'q', ...numbered(200, `${batch}-`));
      const all = [0, 1, 2, 3].flatMap((batch) => numbered(200, `${batch}-`));
      {
        await using consumer = await subscribe(world, 'q', 500);
        assert.deepEqual(idsOf(await takeMany(consumer, 500)), all.slice(0, 500));
      }
      const reopened = { ...world, port: await world.reopen() };
      await fill(reopened, 'q', 'last');
      const deliveries = await emptied(reopened, 'q');
      assert.deepEqual(idsOf(deliveries), [...all, 'last']);
      assert.ok(
        deliveries.every((delivery) => delivery.attempt === 1),
        'a clean close counted as a failure',
      );
    }));
});
