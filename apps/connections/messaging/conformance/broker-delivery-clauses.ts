/** BR-3xx: who gets which message, and when. */
import assert from 'node:assert/strict';
import {
  abandoned,
  ack,
  type BrokerClause,
  declare,
  emptiedIds,
  failsFor,
  fill,
  idsOf,
  isQuiet,
  numbered,
  settle,
  subscribe,
  take,
  takeMany,
} from './broker-acts.ts';

export const brokerDeliveryClauses: readonly BrokerClause[] = [
  {
    id: 'BR-301',
    title: 'what is published before anybody subscribes waits for a consumer',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'early');
      await using consumer = await subscribe(world, 'q', 2);
      await fill(world, 'q', 'late');
      assert.equal((await take(consumer)).message.id, 'early');
      assert.equal((await take(consumer)).message.id, 'late');
    },
  },
  {
    id: 'BR-302',
    title: 'a next that waits gets the message that comes later',
    async run(world) {
      await declare(world, { q: [] });
      await using consumer = await subscribe(world, 'q');
      const [delivery] = await Promise.all([take(consumer), fill(world, 'q', 'm')]);
      assert.equal(delivery.message.id, 'm');
    },
  },
  {
    id: 'BR-303',
    title: 'a consumer alone gets the messages in the order of their publication',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(30));
      await using consumer = await subscribe(world, 'q', 7);
      for (const id of numbered(30)) {
        const delivery = await take(consumer);
        assert.equal(delivery.message.id, id);
        await settle(consumer, delivery, ack);
      }
    },
  },
  {
    id: 'BR-304',
    title: 'no more than prefetch deliveries are unsettled at once',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(4));
      await using consumer = await subscribe(world, 'q', 2);
      await takeMany(consumer, 2);
      await isQuiet(consumer);
    },
  },
  {
    id: 'BR-305',
    title: 'a settlement makes room for a next that waits',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(3));
      await using consumer = await subscribe(world, 'q', 2);
      const [first] = await takeMany(consumer, 2);
      assert.ok(first);
      const [delivery] = await Promise.all([take(consumer), settle(consumer, first, ack)]);
      assert.equal(delivery.message.id, 'm3');
    },
  },
  {
    id: 'BR-306',
    title: 'raising the prefetch makes room for a next that waits',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(4));
      await using consumer = await subscribe(world, 'q', 1);
      await take(consumer);
      const waiting = take(consumer);
      consumer.raisePrefetch(3);
      assert.equal((await waiting).message.id, 'm2');
      assert.equal((await take(consumer)).message.id, 'm3');
    },
  },
  {
    id: 'BR-307',
    title: 'a prefetch that is not higher changes nothing',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(4));
      await using consumer = await subscribe(world, 'q', 3);
      consumer.raisePrefetch(1);
      await takeMany(consumer, 3);
      consumer.raisePrefetch(3);
      await isQuiet(consumer);
    },
  },
  {
    id: 'BR-308',
    title: 'consumers share a queue, and each message goes to one of them',
    async run(world) {
      await declare(world, { q: [] });
      await using one = await subscribe(world, 'q', 5);
      await using other = await subscribe(world, 'q', 5);
      await fill(world, 'q', ...numbered(10));
      const taken = await Promise.all([takeMany(one, 5), takeMany(other, 5)]);
      assert.deepEqual(idsOf(taken.flat()).sort(), numbered(10).sort());
    },
  },
  {
    id: 'BR-309',
    title: 'a consumer that holds its prefetch leaves the rest to the others',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(6));
      await using busy = await subscribe(world, 'q', 1);
      const held = await take(busy);
      await using free = await subscribe(world, 'q', 5);
      assert.deepEqual(idsOf([held, ...(await takeMany(free, 5))]), numbered(6));
    },
  },
  {
    id: 'BR-310',
    title: 'two consumers that wait get one message each',
    async run(world) {
      await declare(world, { q: [] });
      await using one = await subscribe(world, 'q', 1);
      await using other = await subscribe(world, 'q', 1);
      const [first, second] = await Promise.all([take(one), take(other), fill(world, 'q', 'a', 'b')]);
      assert.deepEqual(idsOf([first, second]).sort(), ['a', 'b']);
    },
  },
  {
    id: 'BR-311',
    title: 'the first delivery of a message is attempt 1',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', ...numbered(3));
      await using consumer = await subscribe(world, 'q', 3);
      const attempts = (await takeMany(consumer, 3)).map((delivery) => delivery.attempt);
      assert.deepEqual(attempts, [1, 1, 1]);
    },
  },
  {
    id: 'BR-312',
    title: 'a next that waits ends when its signal aborts',
    async run(world) {
      await declare(world, { q: [] });
      await using consumer = await subscribe(world, 'q');
      const reason = new Error('had enough');
      await assert.rejects(abandoned(consumer, reason), (error) => error === reason);
    },
  },
  {
    id: 'BR-313',
    title: 'a next that was aborted takes no message along',
    async run(world) {
      await declare(world, { q: [] });
      await using consumer = await subscribe(world, 'q');
      await assert.rejects(abandoned(consumer, new Error('had enough')));
      await fill(world, 'q', 'a', 'b');
      const first = await take(consumer);
      assert.equal(first.message.id, 'a');
      await settle(consumer, first, ack);
      assert.equal((await take(consumer)).message.id, 'b');
    },
  },
  {
    id: 'BR-314',
    title: 'subscribing to a queue that is not declared fails',
    async run(world) {
      await declare(world, { q: [] });
      await failsFor('QUEUE_NOT_FOUND', subscribe(world, 'p'));
    },
  },
  {
    id: 'BR-315',
    title: 'consumers and publishers at work together pass every message on once',
    async run(world) {
      await declare(world, { q: [] });
      const consumers = await Promise.all(numbered(3).map(() => subscribe(world, 'q', 4)));
      const publishing = numbered(4, 'p').map(async (publisher) => {
        for (const id of numbered(15, `${publisher}-`)) await fill(world, 'q', id);
      });
      const seen: string[] = [];
      let left = 60;
      const consuming = consumers.map(async (consumer) => {
        while (left > 0) {
          left--;
          const delivery = await take(consumer);
          seen.push(delivery.message.id);
          await settle(consumer, delivery, ack);
        }
        // What it was sent ahead goes to those that still wait.
        await consumer[Symbol.asyncDispose]();
      });
      await Promise.all([...publishing, ...consuming]);
      assert.equal(new Set(seen).size, 60);
      assert.deepEqual(await emptiedIds(world, 'q'), []);
    },
  },
];
