/** BR-5xx: what becomes of messages that are given up. */
import assert from 'node:assert/strict';
import type { Delivery, Message } from '../src/port/broker.ts';
import {
  ack,
  type BrokerClause,
  type BrokerWorld,
  declare,
  emptied,
  emptiedIds,
  failed,
  fill,
  message,
  settle,
  subscribe,
  take,
  unseen,
} from './broker-acts.ts';

/** Declares a queue and has its first message given up. */
async function rejected(world: BrokerWorld, letter: Message | string, reason = 'unreadable'): Promise<void> {
  await declare(world, { q: [] });
  await fill(world, 'q', letter);
  await using consumer = await subscribe(world, 'q');
  await settle(consumer, await take(consumer), { verdict: 'dead-letter', reason });
}

async function firstDead(world: BrokerWorld): Promise<Delivery> {
  const [letter] = await emptied(world, 'q.dead');
  assert.ok(letter, 'there is no dead letter');
  return letter;
}

export const brokerDeadLetterClauses: readonly BrokerClause[] = [
  {
    id: 'BR-501',
    title: 'a message that failed as often as its queue lets it is dead-lettered',
    async run(world) {
      await declare(world, { q: [] }, 3);
      await fill(world, 'q', 'm', 'n');
      {
        await using consumer = await subscribe(world, 'q');
        for (const attempt of [1, 2, 3]) {
          const delivery = await take(consumer);
          assert.deepEqual([delivery.message.id, delivery.attempt], ['m', attempt]);
          await settle(consumer, delivery, failed);
        }
        assert.equal((await take(consumer)).message.id, 'n');
      }
      const letter = await firstDead(world);
      assert.equal(letter.message.id, 'm');
      assert.equal(letter.message.headers.get('x-death-reason'), 'delivery_limit');
    },
  },
  {
    id: 'BR-502',
    title: 'a delivery limit of 1 gives a message up at its first failure',
    async run(world) {
      await declare(world, { q: [] }, 1);
      await fill(world, 'q', 'm');
      {
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), failed);
      }
      assert.deepEqual(await emptiedIds(world, 'q'), []);
      assert.deepEqual(await emptiedIds(world, 'q.dead'), ['m']);
    },
  },
  {
    id: 'BR-503',
    title: 'a message that is given up leaves its queue at once',
    async run(world) {
      await rejected(world, 'm');
      assert.deepEqual(await emptiedIds(world, 'q'), []);
      assert.deepEqual(await emptiedIds(world, 'q.dead'), ['m']);
    },
  },
  {
    id: 'BR-504',
    title: 'a dead letter tells why, and from which queue it came',
    async run(world) {
      await rejected(world, 'm', 'row 7 has no column “b”');
      const { headers } = (await firstDead(world)).message;
      assert.equal(headers.get('x-death-reason'), 'row 7 has no column “b”');
      assert.equal(headers.get('x-death-queue'), 'q');
    },
  },
  {
    id: 'BR-505',
    title: 'a dead letter tells when it died, in ISO 8601',
    async run(world) {
      const before = world.now();
      await rejected(world, 'm');
      const text = (await firstDead(world)).message.headers.get('x-death-time') ?? '';
      assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      const time = Date.parse(text);
      assert.ok(time >= before - 1_000 && time <= world.now() + 1_000, `${text} is not now`);
    },
  },
  {
    id: 'BR-506',
    title: 'a dead letter is otherwise the message that it was',
    async run(world) {
      const body = Uint8Array.of(0, 255, 128, 10);
      const headers = new Map([
        ['traceparent', '00-1-2-01'],
        ['x-death-reason', 'of an earlier life'],
      ]);
      const parts = { body, headers, contentType: 'application/x-thing', subject: 'validation/7' };
      await rejected(world, message('m', parts));
      const letter = (await firstDead(world)).message;
      assert.deepEqual([...letter.body], [...body]);
      assert.deepEqual([letter.contentType, letter.subject], ['application/x-thing', 'validation/7']);
      assert.equal(letter.headers.get('traceparent'), '00-1-2-01');
      assert.equal(letter.headers.get('x-death-reason'), 'unreadable');
    },
  },
  {
    id: 'BR-507',
    title: 'dead letters survive a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await rejected(world, 'm');
      const reopened = { ...world, port: await world.reopen() };
      assert.deepEqual(await emptiedIds(reopened, 'q'), []);
      assert.deepEqual(await emptiedIds(reopened, 'q.dead'), ['m']);
    },
  },
  {
    id: 'BR-508',
    title: 'a consumer that waits on the dead-letter queue gets the dead letter',
    async run(world) {
      await declare(world, { q: [] });
      await using undertaker = await subscribe(world, 'q.dead');
      const [letter] = await Promise.all([take(undertaker), rejected(world, 'm')]);
      assert.equal(letter.message.id, 'm');
    },
  },
  {
    id: 'BR-509',
    title: 'a dead-letter queue has no delivery limit',
    async run(world) {
      await declare(world, { q: [] }, 2);
      await fill(world, 'q', 'm');
      {
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), failed);
        await settle(consumer, await take(consumer), failed);
      }
      await fill(world, 'q.dead', 'behind it');
      await using undertaker = await subscribe(world, 'q.dead');
      for (let failures = 0; failures < 25; failures++)
        await settle(undertaker, await take(undertaker), failed);
      assert.equal((await take(undertaker)).message.id, 'm');
    },
  },
  {
    id: 'BR-510',
    title: 'a message that is given up in a dead-letter queue is dropped',
    async run(world) {
      await rejected(world, 'm');
      {
        await using undertaker = await subscribe(world, 'q.dead');
        await settle(undertaker, await take(undertaker), { verdict: 'dead-letter', reason: 'enough' });
      }
      assert.deepEqual(await emptiedIds(world, 'q.dead'), []);
      assert.deepEqual(await emptiedIds(world, 'q'), []);
    },
  },
  {
    id: 'BR-511',
    title: 'a dead letter is settled like any other message',
    async run(world) {
      await rejected(world, 'm');
      {
        await using undertaker = await subscribe(world, 'q.dead');
        await settle(undertaker, await take(undertaker), unseen);
        await settle(undertaker, await take(undertaker), ack);
      }
      assert.deepEqual(await emptiedIds(world, 'q.dead'), []);
    },
  },
  {
    id: 'BR-512',
    title: 'the failures of one message do not count against another',
    async run(world) {
      await declare(world, { q: [] }, 2);
      await fill(world, 'q', 'm', 'n');
      {
        await using consumer = await subscribe(world, 'q');
        await settle(consumer, await take(consumer), failed);
        await settle(consumer, await take(consumer), failed);
        const other = await take(consumer);
        assert.deepEqual([other.message.id, other.attempt], ['n', 1]);
      }
      assert.deepEqual(await emptiedIds(world, 'q.dead'), ['m']);
    },
  },
];
