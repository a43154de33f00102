/** BR-8xx: what callers of v1 cannot see of a broker. */
import assert from 'node:assert/strict';
import type { Topology } from '../src/port/broker.ts';
import {
  ack,
  type BrokerClause,
  declare,
  emptied,
  emptiedIds,
  ended,
  exchange,
  failed,
  failsFor,
  fill,
  message,
  publish,
  settle,
  subscribe,
  take,
  topologyOf,
} from './broker-acts.ts';

const withoutDeadLetters: Topology = {
  ...topologyOf({}),
  queues: [{ name: 'q', deliveryLimit: 2, deadLetterQueue: undefined }],
};

export const brokerPortClauses: readonly BrokerClause[] = [
  {
    id: 'BR-801',
    title: 'a message comes out with the time it was published at',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', message('m', { publishedAt: 1_900_000_000_000 }));
      const [delivery] = await emptied(world, 'q');
      assert.equal(delivery?.message.publishedAt, 1_900_000_000_000);
    },
  },
  {
    id: 'BR-802',
    title: 'a queue without a dead-letter queue drops what is given up',
    async run(world) {
      await world.port.declare(world.namespace, withoutDeadLetters, world.signal);
      await fill(world, 'q', 'failing', 'rejected', 'good');
      {
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), failed);
        await settle(consumer, await take(consumer), failed);
        const second = await take(consumer);
        assert.equal(second.message.id, 'rejected');
        await settle(consumer, second, { verdict: 'dead-letter', reason: 'unreadable' });
      }
      assert.deepEqual(await emptiedIds(world, 'q'), ['good']);
    },
  },
  {
    id: 'BR-803',
    title: 'a call whose signal has aborted rejects with its reason, and does nothing',
    async run(world) {
      const { port, namespace } = world;
      await declare(world, { q: [] });
      const reason = new Error('the caller has gone');
      const signal = AbortSignal.abort(reason);
      const target = { exchange: '', routingKey: 'q' };
      const calls = [
        () => port.publish(namespace, target, [message('m')], signal),
        () => port.declare(namespace, topologyOf({ p: ['a'] }), signal),
        () => port.subscribe(namespace, { queue: 'q', prefetch: 1 }, signal),
        () => port.topology(namespace, signal),
        () => port.statistics(namespace, signal),
        () => port.ping(signal),
      ];
      for (const call of calls) await assert.rejects(call(), (error) => error === reason);
      assert.deepEqual(await emptiedIds(world, 'q'), []);
      assert.deepEqual(await publish(world, { routingKey: 'a' }, ['n']), ['UNROUTABLE']);
    },
  },
  {
    id: 'BR-804',
    title: 'a closed broker refuses every call',
    async run(world) {
      const { port, namespace, signal } = world;
      await declare(world, { q: [] });
      await port[Symbol.asyncDispose]();
      await failsFor(
        'CLOSED',
        port.publish(namespace, { exchange, routingKey: 'a' }, [message('m')], signal),
      );
      await failsFor('CLOSED', port.declare(namespace, topologyOf({ q: [] }), signal));
      await failsFor('CLOSED', port.subscribe(namespace, { queue: 'q', prefetch: 1 }, signal));
      await failsFor('CLOSED', port.topology(namespace, signal));
      await failsFor('CLOSED', port.statistics(namespace, signal));
      await failsFor('CLOSED', port.ping(signal));
      await port[Symbol.asyncDispose]();
    },
  },
  {
    id: 'BR-805',
    title: 'closing the broker ends its subscriptions',
    async run(world) {
      await declare(world, { q: [] });
      const consumer = await subscribe(world, 'q');
      await fill(world, 'q', 'm');
      const { tag } = await take(consumer);
      await Promise.all([ended(consumer), world.port[Symbol.asyncDispose]()]);
      assert.equal(await consumer.settle(tag, ack), false);
      await consumer[Symbol.asyncDispose]();
    },
  },
  {
    id: 'BR-806',
    title: 'a closed subscription gives nothing more and settles nothing more',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      const consumer = await subscribe(world, 'q');
      const { tag } = await take(consumer);
      await consumer[Symbol.asyncDispose]();
      assert.equal(await consumer.settle(tag, ack), false);
      await ended(consumer);
      assert.deepEqual(await emptiedIds(world, 'q'), ['m']);
    },
  },
];
