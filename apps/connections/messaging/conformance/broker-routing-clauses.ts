/** BR-1xx: which queues a message reaches. */
import assert from 'node:assert/strict';
import {
  type BrokerClause,
  type BrokerWorld,
  declare,
  emptiedIds,
  exchange,
  failsFor,
  message,
  publish,
} from './broker-acts.ts';

/** Publishes one message under each key, named after it, to one queue bound by `pattern`; tells which arrived. */
async function routed(world: BrokerWorld, pattern: string, keys: readonly string[]): Promise<string[]> {
  await declare(world, { q: [pattern] });
  for (const routingKey of keys) await publish(world, { routingKey }, [`under ${routingKey}`]);
  const ids = await emptiedIds(world, 'q');
  return ids.map((id) => id.slice('under '.length));
}

export const brokerRoutingClauses: readonly BrokerClause[] = [
  {
    id: 'BR-101',
    title: 'a queue bound without wildcards gets the messages of exactly that key',
    async run(world) {
      const keys = ['orders.created', 'orders', 'orders.created.eu', 'orders.deleted', 'created'];
      assert.deepEqual(await routed(world, 'orders.created', keys), ['orders.created']);
    },
  },
  {
    id: 'BR-102',
    title: 'a * in a binding stands for exactly one word',
    async run(world) {
      const keys = ['orders', 'orders.created', 'orders.created.eu', 'invoices.created', 'orders.deleted'];
      assert.deepEqual(await routed(world, 'orders.*', keys), ['orders.created', 'orders.deleted']);
    },
  },
  {
    id: 'BR-103',
    title: 'a # in a binding stands for any number of words, none included',
    async run(world) {
      const keys = ['orders', 'orders.created', 'orders.created.eu.north', 'ordersx', 'my.orders'];
      assert.deepEqual(await routed(world, 'orders.#', keys), keys.slice(0, 3));
    },
  },
  {
    id: 'BR-104',
    title: 'wildcards stand anywhere in a binding, and several together',
    async run(world) {
      const keys = ['a.z', 'a.b.z', 'a.b.c.z', 'a.b.c', 'b.a.b.z', 'a.z.b.z', 'a'];
      assert.deepEqual(await routed(world, 'a.#.*.z', keys), ['a.b.z', 'a.b.c.z', 'a.z.b.z']);
    },
  },
  {
    id: 'BR-105',
    title: 'a binding of # alone gets every message of its exchange',
    async run(world) {
      const keys = ['a', 'a.b', 'a.b.c', 'A.*.#'];
      assert.deepEqual(await routed(world, '#', keys), keys);
    },
  },
  {
    id: 'BR-106',
    title: 'a wildcard within a word is a plain character',
    async run(world) {
      assert.deepEqual(await routed(world, 'or*', ['orders', 'or*', 'or']), ['or*']);
    },
  },
  {
    id: 'BR-107',
    title: 'a wildcard in the key of a message is a plain character',
    async run(world) {
      assert.deepEqual(await routed(world, 'orders.created', ['orders.*', '#', 'orders.created']), [
        'orders.created',
      ]);
    },
  },
  {
    id: 'BR-108',
    title: 'a queue that several bindings match gets one copy',
    async run(world) {
      await declare(world, { q: ['orders.created', 'orders.*', '#'] });
      assert.deepEqual(await publish(world, { routingKey: 'orders.created' }, ['a']), ['CONFIRMED']);
      assert.deepEqual(await emptiedIds(world, 'q'), ['a']);
    },
  },
  {
    id: 'BR-109',
    title: 'every queue that is bound gets its own copy',
    async run(world) {
      await declare(world, { p: ['a.*'], q: ['*.b'], r: ['#'], s: ['c.#'] });
      await publish(world, { routingKey: 'a.b' }, ['m']);
      const ids = [];
      for (const queue of ['p', 'q', 'r', 's']) ids.push(await emptiedIds(world, queue));
      assert.deepEqual(ids, [['m'], ['m'], ['m'], []]);
    },
  },
  {
    id: 'BR-110',
    title: 'a message that no binding matches is unroutable, and kept nowhere',
    async run(world) {
      await declare(world, { q: ['a.*'] });
      assert.deepEqual(await publish(world, { routingKey: 'b' }, ['m', 'n']), ['UNROUTABLE', 'UNROUTABLE']);
      await declare(world, { q: ['b'] });
      assert.deepEqual(await emptiedIds(world, 'q'), []);
    },
  },
  {
    id: 'BR-111',
    title: 'the exchange without a name routes to the queue that the key names',
    async run(world) {
      await declare(world, { 'a.b': [], q: ['#'] });
      assert.deepEqual(await publish(world, { exchange: '', routingKey: 'a.b' }, ['m']), ['CONFIRMED']);
      assert.deepEqual(await emptiedIds(world, 'a.b'), ['m']);
      assert.deepEqual(await emptiedIds(world, 'q'), []);
    },
  },
  {
    id: 'BR-112',
    title: 'the exchange without a name has no route to a queue that is not there',
    async run(world) {
      await declare(world, { q: ['#'] });
      assert.deepEqual(await publish(world, { exchange: '', routingKey: 'p' }, ['m']), ['UNROUTABLE']);
    },
  },
  {
    id: 'BR-113',
    title: 'publishing to an exchange that is not declared fails',
    async run(world) {
      await declare(world, { q: ['#'] });
      await failsFor('EXCHANGE_NOT_FOUND', publish(world, { exchange: 'others', routingKey: 'a' }, ['m']));
    },
  },
  {
    id: 'BR-114',
    title: 'keys that differ only in case are different keys',
    async run(world) {
      assert.deepEqual(await routed(world, 'orders.EU', ['orders.eu', 'ORDERS.EU', 'orders.EU']), [
        'orders.EU',
      ]);
    },
  },
  {
    id: 'BR-115',
    title: 'words are any text, and those that look alike in Unicode are different words',
    async run(world) {
      const keys = ['caf\u00e9.日本', 'cafe\u0301.日本', 'cafe.日本', 'caf\u00e9'];
      assert.deepEqual(await routed(world, 'caf\u00e9.*', keys), ['caf\u00e9.日本']);
    },
  },
  {
    id: 'BR-116',
    title: 'a binding of one exchange gets nothing of another',
    async run(world) {
      const { port, namespace, signal } = world;
      await declare(world, { q: [] });
      await port.declare(
        namespace,
        {
          exchanges: [{ name: 'others', type: 'topic' }],
          queues: [],
          bindings: [{ exchange: 'others', queue: 'q', routingKey: '#' }],
        },
        signal,
      );
      const outcomes = await port.publish(namespace, { exchange, routingKey: 'a' }, [message('m')], signal);
      assert.deepEqual(outcomes, [{ outcome: 'UNROUTABLE' }]);
      assert.deepEqual(await publish(world, { exchange: 'others', routingKey: 'a' }, ['n']), ['CONFIRMED']);
      assert.deepEqual(await emptiedIds(world, 'q'), ['n']);
    },
  },
];
