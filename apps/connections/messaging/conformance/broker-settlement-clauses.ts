/** BR-4xx: what an acknowledgement, a return and the end of a subscription do. */
import assert from 'node:assert/strict';
import {
  ack,
  type BrokerClause,
  declare,
  emptied,
  emptiedIds,
  failed,
  fill,
  idsOf,
  numbered,
  settle,
  subscribe,
  take,
  takeMany,
  unseen,
} from './broker-acts.ts';

export const brokerSettlementClauses: readonly BrokerClause[] = [
  {
    id: 'BR-401',
    title: 'an acknowledged message does not come back',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'a', 'b');
      {
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), ack);
      }
      assert.deepEqual(await emptiedIds(world, 'q'), ['b']);
    },
  },
  {
    id: 'BR-402',
    title: 'an acknowledged message does not come back after a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'a', 'b', 'c');
      const consumer = await subscribe(world, 'q');
      await settle(consumer, await take(consumer), ack);
      await settle(consumer, await take(consumer), ack);
      const reopened = { ...world, port: await world.reopen() };
      assert.deepEqual(await emptiedIds(reopened, 'q'), ['c']);
    },
  },
  {
    id: 'BR-403',
    title: 'a delivery is settled once, and what is said of it later has no effect',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      {
        await using consumer = await subscribe(world, 'q');
        const { tag } = await take(consumer);
        assert.equal(await consumer.settle(tag, unseen), true);
        assert.equal(await consumer.settle(tag, ack), false);
        assert.equal(await consumer.settle(tag, { verdict: 'dead-letter', reason: 'late' }), false);
      }
      assert.deepEqual(await emptiedIds(world, 'q'), ['m']);
    },
  },
  {
    id: 'BR-404',
    title: 'of two settlements of one delivery at the same time one stands',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      await using consumer = await subscribe(world, 'q');
      const { tag } = await take(consumer);
      const settled = await Promise.all([consumer.settle(tag, ack), consumer.settle(tag, ack)]);
      assert.deepEqual(settled.sort(), [false, true]);
    },
  },
  {
    id: 'BR-405',
    title: 'a tag that was never given settles nothing',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      await using consumer = await subscribe(world, 'q');
      const { tag } = await take(consumer);
      assert.equal(await consumer.settle(tag + 1, ack), false);
      assert.equal(await consumer.settle(tag, ack), true);
    },
  },
  {
    id: 'BR-406',
    title: 'a tag of another subscription settles nothing',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      await using one = await subscribe(world, 'q');
      await using other = await subscribe(world, 'q');
      const { tag } = await take(one);
      assert.equal(await other.settle(tag, ack), false);
      assert.equal(await one.settle(tag, ack), true);
    },
  },
  {
    id: 'BR-407',
    title: 'a returned message is delivered again, the same as before',
    async run(world) {
      await declare(world, { q: ['a.*'] });
      await fill(world, 'q', 'm');
      await using consumer = await subscribe(world, 'q');
      const first = await take(consumer);
      await settle(consumer, first, failed);
      const second = await take(consumer);
      assert.deepEqual([...second.message.body], [...first.message.body]);
      assert.deepEqual(
        { ...second, attempt: 0, tag: 0, message: { ...second.message, body: 0 } },
        { ...first, attempt: 0, tag: 0, message: { ...first.message, body: 0 } },
      );
    },
  },
  {
    id: 'BR-408',
    title: 'a return that does not count leaves the attempt as it is',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      await using consumer = await subscribe(world, 'q');
      await settle(consumer, await take(consumer), unseen);
      assert.equal((await take(consumer)).attempt, 1);
    },
  },
  {
    id: 'BR-409',
    title: 'a return that counts raises the attempt by one',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      await using consumer = await subscribe(world, 'q');
      for (const attempt of [1, 2, 3]) {
        const delivery = await take(consumer);
        assert.equal(delivery.attempt, attempt);
        await settle(consumer, delivery, failed);
      }
    },
  },
  {
    id: 'BR-410',
    title: 'the attempt survives a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'm');
      const consumer = await subscribe(world, 'q');
      await settle(consumer, await take(consumer), failed);
      await settle(consumer, await take(consumer), failed);
      await consumer[Symbol.asyncDispose]();
      const reopened = { ...world, port: await world.reopen() };
      const [delivery] = await emptied(reopened, 'q');
      assert.equal(delivery?.attempt, 3);
    },
  },
  {
    id: 'BR-411',
    title: 'a returned message comes before those that were published after it',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(3));
      {
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), failed);
      }
      assert.deepEqual(await emptiedIds(world, 'q'), numbered(3));
    },
  },
  {
    id: 'BR-412',
    title: 'closing a subscription gives back what is unsettled, uncounted and in its place',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(5));
      const consumer = await subscribe(world, 'q', 3);
      const [, second] = await takeMany(consumer, 3);
      assert.ok(second);
      await settle(consumer, second, ack);
      await consumer[Symbol.asyncDispose]();
      const left = await emptied(world, 'q');
      assert.deepEqual(idsOf(left), ['m1', 'm3', 'm4', 'm5']);
      assert.deepEqual(
        left.map((delivery) => delivery.attempt),
        [1, 1, 1, 1],
      );
    },
  },
  {
    id: 'BR-413',
    title: 'returns that do not count never reach the delivery limit',
    async run(world) {
      await declare(world, { q: [] }, 2);
      await fill(world, 'q', 'm');
      await using consumer = await subscribe(world, 'q');
      for (let round = 0; round < 6; round++) await settle(consumer, await take(consumer), unseen);
      assert.equal((await take(consumer)).attempt, 1);
    },
  },
  {
    id: 'BR-414',
    title: 'deliveries are settled in any order, each by itself',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(4));
      {
        await using consumer = await subscribe(world, 'q', 4);
        const [first, second, third, fourth] = await takeMany(consumer, 4);
        assert.ok(first && second && third && fourth);
        await settle(consumer, fourth, ack);
        await settle(consumer, second, { verdict: 'dead-letter', reason: 'unreadable' });
        await settle(consumer, third, ack);
      }
      assert.deepEqual(await emptiedIds(world, 'q'), ['m1']);
      assert.deepEqual(await emptiedIds(world, 'q.dead'), ['m2']);
    },
  },
  {
    id: 'BR-415',
    title: 'many deliveries settled together are all settled',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(40));
      {
        await using consumer = await subscribe(world, 'q', 40);
        const deliveries = await takeMany(consumer, 40);
        const settled = await Promise.all(deliveries.map(({ tag }) => consumer.settle(tag, ack)));
        assert.deepEqual(settled, new Array(40).fill(true));
      }
      assert.deepEqual(await emptiedIds(world, 'q'), []);
    },
  },
];
