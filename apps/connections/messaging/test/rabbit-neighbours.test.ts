/** The driver of RabbitMQ beside others: queues that were there, publishers and consumers that do not know of it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { systemClock } from '@connections/runtime';
import { eventually, rabbitMissing, startRabbit } from '@connections/testing';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { openRabbitBroker, type RabbitBroker } from '../src/driver/rabbitmq/rabbit-broker.ts';
import { physicalName } from '../src/driver/rabbitmq/rabbit-names.ts';
import type { Message, Subscription, Topology } from '../src/port/broker.ts';
import { openMessaging } from './messaging-fixture.ts';

const signal = new AbortController().signal;

interface Scene {
  readonly port: RabbitBroker;
  readonly connection: ChannelModel;
  readonly channel: Channel;
  /** A name that nobody else has. */
  readonly name: string;
}

async function scene(play: (scene: Scene) => Promise<void>): Promise<void> {
  const { url } = await startRabbit();
  await using port = await openRabbitBroker({ url, clock: systemClock });
  const connection = await connect(url);
  const channel = await connection.createChannel();
  const name = `n-${randomUUID()}`;
  try {
    await play({ port, connection, channel, name });
  } finally {
    await channel.deleteQueue(name);
    await channel.deleteQueue(`${name}.dead`);
    await connection.close();
  }
}

function topology(name: string, deliveryLimit = 2): Topology {
  return {
    exchanges: [],
    queues: [{ name, deliveryLimit, deadLetterQueue: `${name}.dead` }],
    bindings: [],
  };
}

async function take(subscription: Subscription) {
  const delivery = await subscription.next(signal);
  assert.ok(delivery);
  return delivery;
}

function message(id: string, parts: Partial<Message> = {}): Message {
  const body = new TextEncoder().encode(id);
  return { id, body, contentType: '', headers: new Map(), subject: '', publishedAt: 0, ...parts };
}

suite('RabbitMQ: neighbours', { skip: rabbitMissing() ?? false }, () => {
  test('a classic queue that is there is used as it is, with its limit and its dead letters', () =>
    scene(async ({ port, channel, name }) => {
      await channel.assertQueue(name, { durable: true });
      channel.sendToQueue(name, Buffer.from('old'), { messageId: 'old', persistent: true });
      await port.declare('default', topology(name), signal);
      const concern = port.concerns.find((text) => text.includes(name));
      assert.match(concern ?? '', /used as it is .*inequivalent arg.* drain it, delete it/);

      await using consumer = await port.subscribe('default', { queue: name, prefetch: 4 }, signal);
      for (const attempt of [1, 2]) {
        const delivery = await take(consumer);
        assert.deepEqual([delivery.message.id, delivery.attempt], ['old', attempt]);
        await consumer.settle(delivery.tag, { verdict: 'requeue', counts: true });
      }
      await using undertaker = await port.subscribe(
        'default',
        { queue: `${name}.dead`, prefetch: 1 },
        signal,
      );
      const letter = await take(undertaker);
      assert.equal(letter.message.headers.get('x-death-reason'), 'delivery_limit');
      assert.equal(letter.message.headers.get('x-death-queue'), name);
    }));

  test('a queue of others with other arguments is a conflict in a namespace of its own', () =>
    scene(async ({ port, channel, name }) => {
      const physical = physicalName('theirs', name) ?? '';
      await channel.assertQueue(physical, { durable: true });
      await assert.rejects(port.declare('theirs', topology(name), signal), { reason: 'TOPOLOGY_CONFLICT' });
      await channel.deleteQueue(physical);
      await channel.deleteQueue(physicalName('theirs', `${name}.dead`) ?? '');
    }));

  test('an exchange of others that routes otherwise keeps the service up, which says so and goes on trying', () =>
    scene(async ({ channel, name }) => {
      const { url } = await startRabbit();
      await channel.assertExchange(name, 'direct');
      const env = { MESSAGING_BROKER_URL: url, RABBITMQ_EXCHANGE: name };
      await using fixture = await openMessaging({ env });
      const readiness = async () => await (await fetch(`${fixture.httpAddress}/readyz`)).text();
      await eventually(async () => {
        assert.match(await readiness(), /declared with other properties .*inequivalent arg 'type'/);
      });
      await channel.deleteExchange(name);
      await eventually(async () => {
        await fixture.clock.advance(1_000);
        const { topology } = await fixture.v1.getTopology({});
        assert.ok(topology?.exchanges.some((exchange) => exchange.name === name));
      }, 30_000);
      await channel.deleteExchange(name);
    }));

  test('a message of another publisher comes with what AMQP has of it', () =>
    scene(async ({ port, channel, name }) => {
      await port.declare('default', topology(name), signal);
      channel.sendToQueue(name, Buffer.from('{}'), {
        messageId: 'task-7',
        timestamp: 1_900_000_000,
        contentType: 'application/json',
        headers: { traceparent: '00-1-2-01', retries: 3, nested: { a: [1] } },
      });
      await using consumer = await port.subscribe('default', { queue: name, prefetch: 1 }, signal);
      const { message: got, exchange, routingKey, attempt } = await take(consumer);
      assert.equal(got.id, 'task-7');
      assert.equal(got.publishedAt, 1_900_000_000_000);
      assert.equal(got.contentType, 'application/json');
      assert.deepEqual(
        [...got.headers],
        [
          ['traceparent', '00-1-2-01'],
          ['retries', '3'],
          ['nested', '{"a":[1]}'],
        ],
      );
      assert.deepEqual([exchange, routingKey, attempt], ['', name, 1]);
    }));

  test('a time of another publisher that no date has is none, and keeps nothing from its subscriber', () =>
    scene(async ({ port, channel, name }) => {
      await port.declare('default', topology(name), signal);
      const times = [
        { timestamp: 1_900_000_000_000_000 },
        { headers: { 'x-cs-published-at': { '!': 'double', value: 1e300 } } },
        { headers: { 'x-cs-published-at': -1 } },
      ];
      for (const properties of times) channel.sendToQueue(name, Buffer.from('{}'), properties);
      await using consumer = await port.subscribe('default', { queue: name, prefetch: 1 }, signal);
      for (const _ of times) {
        const { message: got, tag } = await take(consumer);
        assert.equal(got.publishedAt, 0);
        assert.ok(await consumer.settle(tag, { verdict: 'dead-letter', reason: 'wrong' }));
      }
    }));

  test('names that AMQP gives a meaning are headers like any other', () =>
    scene(async ({ port, name }) => {
      await port.declare('default', topology(name), signal);
      const headers = new Map([
        ['CC', 'nobody'],
        ['x-death', 'text'],
        ['x-delivery-count', '7'],
        ['n'.repeat(300), 'long'],
      ]);
      const long = 'i'.repeat(400);
      const target = { exchange: '', routingKey: name };
      const outcomes = await port.publish('default', target, [message(long, { headers })], signal);
      assert.deepEqual(outcomes, [{ outcome: 'CONFIRMED' }]);
      await using consumer = await port.subscribe('default', { queue: name, prefetch: 1 }, signal);
      const delivery = await take(consumer);
      assert.deepEqual([...delivery.message.headers].sort(), [...headers].sort());
      assert.equal(delivery.message.id, long);
      assert.equal(delivery.attempt, 1);
    }));

  test('what another consumer rejects is dead-lettered by the broker, and tells so', () =>
    scene(async ({ port, channel, name }) => {
      await port.declare('default', topology(name), signal);
      await port.publish('default', { exchange: '', routingKey: name }, [message('m')], signal);
      const taken = await eventually(async () => {
        const got = await channel.get(name);
        assert.ok(got);
        return got;
      });
      channel.reject(taken, false);
      await using undertaker = await port.subscribe(
        'default',
        { queue: `${name}.dead`, prefetch: 1 },
        signal,
      );
      const { message: letter, routingKey } = await take(undertaker);
      assert.equal(letter.headers.get('x-death-reason'), 'rejected');
      assert.equal(letter.headers.get('x-death-queue'), name);
      assert.match(letter.headers.get('x-death-time') ?? '', /^20\d\d-/);
      assert.equal(routingKey, name);
    }));

  test('what one process declares is told by another, and what failed there has failed here', () =>
    scene(async ({ port, name }) => {
      const { url } = await startRabbit();
      await using other = await openRabbitBroker({ url, clock: systemClock });
      await port.declare('default', topology(name, 9), signal);
      await eventually(async () => {
        const { queues } = await other.topology('default', signal);
        assert.ok(queues.some((queue) => queue.name === name && queue.deliveryLimit === 9));
      });
      await port.publish('default', { exchange: '', routingKey: name }, [message('m')], signal);
      {
        await using consumer = await port.subscribe('default', { queue: name, prefetch: 1 }, signal);
        await consumer.settle((await take(consumer)).tag, { verdict: 'requeue', counts: true });
      }
      await using consumer = await other.subscribe('default', { queue: name, prefetch: 1 }, signal);
      assert.equal((await take(consumer)).attempt, 2);
    }));

  test('what nobody reads is given back when it takes much memory, and read in the end', () =>
    scene(async ({ port, name }) => {
      await port.declare('default', topology(name), signal);
      const body = new Uint8Array(524_288);
      const messages = Array.from({ length: 24 }, (_, index) => message(`m${index}`, { body }));
      const target = { exchange: '', routingKey: name };
      for (const each of messages) await port.publish('default', target, [each], signal);
      await using reader = await port.subscribe('default', { queue: name, prefetch: 24 }, signal);
      await eventually(async () => {
        const all = await port.statistics('default', signal);
        const figures = all.find(({ queue }) => queue === name);
        assert.deepEqual(figures, { queue: name, ready: 23, unsettled: 1, consumers: 1 });
      });
      const ids = new Set<string>();
      for (let count = 0; count < 24; count++) ids.add((await take(reader)).message.id);
      assert.equal(ids.size, 24);
    }));

  test('a message that took three consumers down is handed out with nothing else taken from its queue', () =>
    scene(async ({ port, connection, name }) => {
      await port.declare('default', topology(name), signal);
      const target = { exchange: '', routingKey: name };
      await port.publish('default', target, [message('poison'), message('innocent')], signal);
      for (let victim = 0; victim < 3; victim++) {
        const channel = await connection.createChannel();
        await eventually(async () => assert.ok(await channel.get(name)));
        await channel.close();
      }
      await using consumer = await port.subscribe('default', { queue: name, prefetch: 8 }, signal);
      const suspect = await take(consumer);
      assert.deepEqual([suspect.message.id, suspect.attempt], ['poison', 1]);
      await eventually(async () => {
        const all = await port.statistics('default', signal);
        const figures = all.find(({ queue }) => queue === name);
        assert.deepEqual(figures, { queue: name, ready: 1, unsettled: 1, consumers: 1 });
      });
      await consumer.settle(suspect.tag, { verdict: 'ack' });
      const next = await take(consumer);
      assert.deepEqual([next.message.id, next.attempt], ['innocent', 1]);
    }));

  test('a queue that others delete ends its subscription, unless it is declared again soon', () =>
    scene(async ({ port, channel, name }) => {
      await port.declare('default', topology(name), signal);
      await using consumer = await port.subscribe('default', { queue: name, prefetch: 1 }, signal);
      const waiting = consumer.next(signal);
      await channel.deleteQueue(name);
      await channel.assertQueue(name, { durable: true });
      channel.sendToQueue(name, Buffer.from('new'), { messageId: 'new' });
      assert.equal((await waiting)?.message.id, 'new');
      const waitingAgain = consumer.next(signal);
      await channel.deleteQueue(name);
      assert.equal(await waitingAgain, undefined);
    }));

  test('a queue that others delete is there again when it is declared, by whoever knows of it', () =>
    scene(async ({ port, channel, name }) => {
      const { url } = await startRabbit();
      const target = { exchange: '', routingKey: name };
      await port.declare('default', topology(name), signal);
      await using other = await openRabbitBroker({ url, clock: systemClock });
      for (const broker of [port, other]) {
        await channel.deleteQueue(name);
        await broker.declare('default', topology(name), signal);
        const outcomes = await broker.publish('default', target, [message('m')], signal);
        assert.deepEqual(outcomes, [{ outcome: 'CONFIRMED' }]);
      }
    }));

  test('more subscriptions than a connection takes have another one', () =>
    scene(async ({ port, name }) => {
      await port.declare('default', topology(name), signal);
      const subscriptions = await Promise.all(
        Array.from({ length: 120 }, () =>
          port.subscribe('default', { queue: name, prefetch: 1 }, new AbortController().signal),
        ),
      );
      await eventually(async () => {
        const all = await port.statistics('default', signal);
        assert.equal(all.find(({ queue }) => queue === name)?.consumers, 120);
      });
      await Promise.all(subscriptions.map((subscription) => subscription[Symbol.asyncDispose]()));
    }));

  test('names that are taken or too long are refused before anything is asked of the broker', () =>
    scene(async ({ port, name }) => {
      const invalid = { reason: 'INVALID_REQUEST' };
      await assert.rejects(port.declare('default', topology('cs:topology'), signal), invalid);
      await assert.rejects(port.declare('default', topology('q'.repeat(256)), signal), invalid);
      await assert.rejects(port.subscribe('default', { queue: 'cs:topology', prefetch: 1 }, signal), {
        reason: 'QUEUE_NOT_FOUND',
      });
      await port.declare('default', topology(name), signal);
      const target = { exchange: 'amq.topic', routingKey: 'k'.repeat(256) };
      await assert.rejects(port.publish('default', target, [message('m')], signal), invalid);
    }));
});
