/** A stream that services know things by, in the moment when nobody has declared it yet. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AmqpLink, heeding } from '@connections/amqp';
import { eventually, rabbitMissing, startRabbit } from '@connections/testing';
import { FollowedStream } from '../src/driver/rabbitmq/followed-stream.ts';
import { RabbitPublisher } from '../src/driver/rabbitmq/rabbit-publisher.ts';
import { parseRabbitUrl } from '../src/driver/rabbitmq/rabbit-url.ts';

suite('RabbitMQ: a followed stream', { skip: rabbitMissing() ?? false }, () => {
  test('takes what is appended before it is declared', async () => {
    const address = parseRabbitUrl((await startRabbit()).url);
    await using publisher = new RabbitPublisher(address, 'publish');
    await using link = new AmqpLink({ name: 'consume', locate: async () => address });
    await Promise.all([publisher.link.tried, link.tried]);
    const name = `followed-${randomUUID()}`;
    const records: string[] = [];
    await using stream = new FollowedStream({
      name,
      arguments: {},
      link,
      publisher,
      onBegin: () => {},
      onRecord: (body) => records.push(body.toString()),
      onRead: () => {},
    });
    await stream.append('early');
    await eventually(() => assert.deepEqual(records, ['early']));
    const channel = await link.connection?.openChannel();
    await channel?.deleteQueue(name);
  });

  test('keeps nobody who has left, not even behind another who waits for the broker', async () => {
    const address = parseRabbitUrl((await startRabbit()).url);
    await using link = new AmqpLink({ name: 'consume', locate: async () => address });
    await using publisher = new SilentPublisher(address, 'publish');
    await link.tried;
    const name = `followed-${randomUUID()}`;
    await using stream = new FollowedStream({
      name,
      arguments: {},
      link,
      publisher,
      onBegin: () => {},
      onRecord: () => {},
      onRead: () => {},
    });
    stream.caughtUp(new AbortController().signal).catch(() => {});
    const leaving = new AbortController();
    const left = assert.rejects(stream.caughtUp(leaving.signal), /has left/);
    leaving.abort(new Error('has left'));
    await Promise.race([left, late()]);
    const channel = await link.connection?.openChannel();
    await channel?.deleteQueue(name);
  });
});

/** To a broker that confirms nothing. */
class SilentPublisher extends RabbitPublisher {
  override place(_: unknown, __: unknown, signal = new AbortController().signal): Promise<never> {
    return heeding(signal, new Promise(() => {}));
  }
}

async function late(): Promise<never> {
  await sleep(10_000, undefined, { ref: false });
  throw new Error('still waits');
}
