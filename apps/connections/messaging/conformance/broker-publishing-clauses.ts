/** BR-2xx: what a published message is when it comes out again, and what a confirmation is worth. */
import assert from 'node:assert/strict';
import type { Broker, Delivery, Message } from '../src/port/broker.ts';
import {
  type BrokerClause,
  type BrokerWorld,
  declare,
  emptied,
  emptiedIds,
  exchange,
  fill,
  message,
  numbered,
  publish,
} from './broker-acts.ts';

/** The message as it is delivered. */
async function passed(world: BrokerWorld, parts: Partial<Message>, id = 'm'): Promise<Delivery> {
  await declare(world, { q: [] });
  await fill(world, 'q', message(id, parts));
  const [delivery, ...others] = await emptied(world, 'q');
  assert.ok(delivery, 'the message did not arrive');
  assert.deepEqual(others, []);
  return delivery;
}

const durable = (capabilities: Broker['capabilities']) => capabilities.durable;

export const brokerPublishingClauses: readonly BrokerClause[] = [
  {
    id: 'BR-201',
    title: 'a body comes out byte for byte',
    async run(world) {
      const body = Uint8Array.from({ length: 512 }, (_, index) => (index * 7) % 256);
      const { message } = await passed(world, { body });
      assert.deepEqual([...message.body], [...body]);
    },
  },
  {
    id: 'BR-202',
    title: 'an empty body is a body',
    async run(world) {
      const { message } = await passed(world, { body: new Uint8Array() });
      assert.equal(message.body.length, 0);
    },
  },
  {
    id: 'BR-203',
    title: 'a body of 1 MiB comes out whole',
    async run(world) {
      const body = new Uint8Array(1_048_576).map((_, index) => index % 251);
      const { message } = await passed(world, { body });
      assert.equal(Buffer.compare(message.body, body), 0);
    },
  },
  {
    id: 'BR-204',
    title: 'id, content type and subject come out as they went in',
    async run(world) {
      const parts = { contentType: 'application/json; charset=utf-8', subject: 'validation/an id/日本' };
      const { message } = await passed(world, parts, 'ID-é #1/*');
      assert.deepEqual(
        { id: message.id, contentType: message.contentType, subject: message.subject },
        { id: 'ID-é #1/*', ...parts },
      );
    },
  },
  {
    id: 'BR-205',
    title: 'headers come out with the names and values that they went in with',
    async run(world) {
      const headers = new Map([
        ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
        ['Traceparent', 'another'],
        ['__proto__', 'plain'],
        ['a.b', ''],
        ['日本', 'é'],
      ]);
      const { message } = await passed(world, { headers });
      assert.deepEqual([...message.headers].sort(), [...headers].sort());
    },
  },
  {
    id: 'BR-206',
    title: 'a delivery names the exchange and the key it was published with',
    async run(world) {
      await declare(world, { q: ['orders.#'] });
      await publish(world, { routingKey: 'orders.created.eu' }, ['m']);
      const [delivery] = await emptied(world, 'q');
      assert.equal(delivery?.exchange, exchange);
      assert.equal(delivery?.routingKey, 'orders.created.eu');
    },
  },
  {
    id: 'BR-207',
    title: 'two messages with the same id are two messages',
    async run(world) {
      await declare(world, { q: [] });
      await fill(world, 'q', 'same');
      await fill(world, 'q', 'same', 'same');
      assert.deepEqual(await emptiedIds(world, 'q'), ['same', 'same', 'same']);
    },
  },
  {
    id: 'BR-208',
    title: 'a batch has one outcome for each of its messages',
    async run(world) {
      await declare(world, { q: ['a'] });
      const outcomes = await publish(world, { routingKey: 'a' }, numbered(50));
      assert.deepEqual(outcomes, new Array(50).fill('CONFIRMED'));
    },
  },
  {
    id: 'BR-209',
    title: 'the messages of a batch are queued in their order',
    async run(world) {
      await declare(world, { q: ['a'] });
      await publish(world, { routingKey: 'a' }, numbered(50));
      assert.deepEqual(await emptiedIds(world, 'q'), numbered(50));
    },
  },
  {
    id: 'BR-210',
    title: 'batches published one after the other are queued in their order',
    async run(world) {
      await declare(world, { q: ['a'] });
      for (const id of numbered(10)) await publish(world, { routingKey: 'a' }, [`${id}.1`, `${id}.2`]);
      assert.deepEqual(
        await emptiedIds(world, 'q'),
        numbered(10).flatMap((id) => [`${id}.1`, `${id}.2`]),
      );
    },
  },
  {
    id: 'BR-211',
    title: 'confirmed messages are there after a reopening, in their order',
    needs: durable,
    async run(world) {
      await declare(world, { q: ['a'] });
      await publish(world, { routingKey: 'a' }, numbered(20));
      const reopened = { ...world, port: await world.reopen() };
      await publish(reopened, { routingKey: 'a' }, ['later']);
      assert.deepEqual(await emptiedIds(reopened, 'q'), [...numbered(20), 'later']);
    },
  },
  {
    id: 'BR-212',
    title: 'publishers at work together lose nothing and double nothing',
    async run(world) {
      await declare(world, { q: ['a'] });
      const publishers = numbered(8, 'p');
      await Promise.all(
        publishers.map(async (publisher) => {
          for (const id of numbered(20, `${publisher}-`)) await publish(world, { routingKey: 'a' }, [id]);
        }),
      );
      const ids = await emptiedIds(world, 'q');
      for (const publisher of publishers) {
        const own = ids.filter((id) => id.startsWith(`${publisher}-`));
        assert.deepEqual(own, numbered(20, `${publisher}-`));
      }
      assert.equal(ids.length, 160);
    },
  },
];
