/** BR-6xx: what is declared and what is told of it. BR-7xx: namespaces. */
import assert from 'node:assert/strict';
import { eventually } from '@connections/testing';
import type { QueueStatistics, Topology } from '../src/port/broker.ts';
import {
  ack,
  type BrokerClause,
  type BrokerWorld,
  declare,
  emptiedIds,
  exchange,
  failsFor,
  fill,
  numbered,
  publish,
  settle,
  subscribe,
  take,
  takeMany,
  topologyOf,
} from './broker-acts.ts';

/** What a broker may take to count. */
const countedMs = 2_000;

/** As sets, since no order is promised, with what nobody asked for left out. */
function compared({ exchanges, queues, bindings }: Topology) {
  return {
    exchanges: exchanges.map(({ name, type }) => `${name} ${type}`).sort(),
    queues: queues.map((queue) => `${queue.name} ${queue.deliveryLimit} ${queue.deadLetterQueue}`).sort(),
    bindings: bindings.map((binding) => `${binding.exchange} ${binding.queue} ${binding.routingKey}`).sort(),
  };
}

function declared({ port, namespace, signal }: BrokerWorld): Promise<Topology> {
  return port.topology(namespace, signal);
}

async function figures({ port, namespace, signal }: BrokerWorld, queue: string): Promise<QueueStatistics> {
  const all = await port.statistics(namespace, signal);
  const of = all.filter((statistics) => statistics.queue === queue);
  assert.equal(of.length, 1, `${queue} stands in the statistics ${of.length} times`);
  const [statistics] = of;
  assert.ok(statistics);
  return { ...statistics };
}

export const brokerTopologyClauses: readonly BrokerClause[] = [
  {
    id: 'BR-601',
    title: 'what was declared is told, dead-letter queues included',
    async run(world) {
      await declare(world, { p: ['a.#'], q: ['b', 'c.*'] }, 7);
      assert.deepEqual(compared(await declared(world)), {
        exchanges: ['events topic'],
        queues: ['p 7 p.dead', 'p.dead 0 undefined', 'q 7 q.dead', 'q.dead 0 undefined'],
        bindings: ['events p a.#', 'events q b', 'events q c.*'],
      });
    },
  },
  {
    id: 'BR-602',
    title: 'declaring the same again changes nothing',
    async run(world) {
      await declare(world, { q: ['a'] });
      await fill(world, 'q', 'm');
      const before = compared(await declared(world));
      await declare(world, { q: ['a'] });
      assert.deepEqual(compared(await declared(world)), before);
      await publish(world, { routingKey: 'a' }, ['n']);
      assert.deepEqual(await emptiedIds(world, 'q'), ['m', 'n']);
    },
  },
  {
    id: 'BR-603',
    title: 'a declaration adds to what is there',
    async run(world) {
      await declare(world, { q: ['a'] });
      await declare(world, { p: ['a'] });
      await declare(world, { q: ['b'] });
      await publish(world, { routingKey: 'a' }, ['m']);
      await publish(world, { routingKey: 'b' }, ['n']);
      assert.deepEqual(await emptiedIds(world, 'q'), ['m', 'n']);
      assert.deepEqual(await emptiedIds(world, 'p'), ['m']);
    },
  },
  {
    id: 'BR-604',
    title: 'what is told can be declared',
    async run(world) {
      await declare(world, { q: ['a.#'] }, 7);
      const before = await declared(world);
      await world.port.declare(world.namespace, before, world.signal);
      assert.deepEqual(compared(await declared(world)), compared(before));
    },
  },
  {
    id: 'BR-605',
    title: 'a queue that is there with another delivery limit is refused',
    async run(world) {
      await declare(world, { q: [] }, 5);
      await failsFor('TOPOLOGY_CONFLICT', declare(world, { q: [] }, 6));
      assert.ok(compared(await declared(world)).queues.includes('q 5 q.dead'));
    },
  },
  {
    id: 'BR-606',
    title: 'a queue that is there with another dead-letter queue is refused',
    async run(world) {
      const { port, namespace, signal } = world;
      await declare(world, { q: [] }, 5);
      const other = {
        ...topologyOf({}),
        queues: [{ name: 'q', deliveryLimit: 5, deadLetterQueue: 'elsewhere' }],
      };
      await failsFor('TOPOLOGY_CONFLICT', port.declare(namespace, other, signal));
      assert.ok(compared(await declared(world)).queues.includes('q 5 q.dead'));
    },
  },
  {
    id: 'BR-607',
    title: 'a binding to a queue that is not declared is refused',
    async run(world) {
      const { port, namespace, signal } = world;
      await declare(world, { q: [] });
      const bindings = [{ exchange, queue: 'p', routingKey: 'a' }];
      await failsFor(
        'QUEUE_NOT_FOUND',
        port.declare(namespace, { exchanges: [], queues: [], bindings }, signal),
      );
    },
  },
  {
    id: 'BR-608',
    title: 'a binding of an exchange that is not declared is refused',
    async run(world) {
      const { port, namespace, signal } = world;
      await declare(world, { q: [] });
      const bindings = [{ exchange: 'others', queue: 'q', routingKey: 'a' }];
      await failsFor(
        'EXCHANGE_NOT_FOUND',
        port.declare(namespace, { exchanges: [], queues: [], bindings }, signal),
      );
    },
  },
  {
    id: 'BR-609',
    title: 'what was declared survives a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await declare(world, { q: ['a.*'] }, 7);
      const before = compared(await declared(world));
      const reopened = { ...world, port: await world.reopen() };
      assert.deepEqual(compared(await declared(reopened)), before);
      await publish(reopened, { routingKey: 'a.b' }, ['m']);
      assert.deepEqual(await emptiedIds(reopened, 'q'), ['m']);
    },
  },
  {
    id: 'BR-610',
    title: 'statistics count what is ready, what is unsettled, and the consumers',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(5));
      await using consumer = await subscribe(world, 'q', 2);
      const [first] = await takeMany(consumer, 2);
      assert.ok(first);
      await eventually(async () => {
        const expected = { queue: 'q', ready: 3, unsettled: 2, consumers: 1 };
        assert.deepEqual(await figures(world, 'q'), expected);
      }, countedMs);
      await settle(consumer, first, ack);
      await take(consumer);
      await consumer[Symbol.asyncDispose]();
      await eventually(async () => {
        const expected = { queue: 'q', ready: 4, unsettled: 0, consumers: 0 };
        assert.deepEqual(await figures(world, 'q'), expected);
      }, countedMs);
    },
  },
  {
    id: 'BR-611',
    title: 'statistics name every queue, dead-letter queues included',
    async run(world) {
      await declare(world, { p: [], q: [] });
      const all = await world.port.statistics(world.namespace, world.signal);
      assert.deepEqual(all.map((statistics) => statistics.queue).sort(), ['p', 'p.dead', 'q', 'q.dead']);
    },
  },
  {
    id: 'BR-701',
    title: 'queues of the same name in two namespaces are two queues',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await declare(world, { q: ['a'] });
      await declare(other, { q: ['a'] });
      await publish(world, { routingKey: 'a' }, ['here']);
      await publish(other, { routingKey: 'a' }, ['there']);
      assert.deepEqual(await emptiedIds(world, 'q'), ['here']);
      assert.deepEqual(await emptiedIds(other, 'q'), ['there']);
    },
  },
  {
    id: 'BR-702',
    title: 'a namespace tells nothing of another',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await declare(world, { q: ['a'] });
      assert.deepEqual(compared(await declared(other)), { exchanges: [], queues: [], bindings: [] });
      assert.deepEqual(await world.port.statistics(other.namespace, world.signal), []);
    },
  },
  {
    id: 'BR-703',
    title: 'queues and exchanges of another namespace are not found',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await declare(world, { q: ['a'] });
      await failsFor('QUEUE_NOT_FOUND', subscribe(other, 'q'));
      await failsFor('EXCHANGE_NOT_FOUND', publish(other, { routingKey: 'a' }, ['m']));
      assert.deepEqual(await publish(other, { exchange: '', routingKey: 'q' }, ['m']), ['UNROUTABLE']);
    },
  },
  {
    id: 'BR-704',
    title: 'the same queue may be declared otherwise in another namespace',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await declare(world, { q: [] }, 5);
      await declare(other, { q: [] }, 6);
      assert.ok(compared(await declared(world)).queues.includes('q 5 q.dead'));
      assert.ok(compared(await declared(other)).queues.includes('q 6 q.dead'));
    },
  },
];
