/** The Messaging service on RabbitMQ: its start without a broker, and its streams over a restart of it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { eventually, rabbitMissing, startRabbit } from '@connections/testing';
import { openMessaging } from './messaging-fixture.ts';
import { Subscriber } from './subscriber.ts';

const backMs = 30_000;

suite('RabbitMQ: the service', { skip: rabbitMissing({ own: true }) ?? false }, () => {
  test('starts without a broker, and its streams stay open over a restart of it', async () => {
    await using server = await startRabbit({ own: true });
    await server.kill();
    const { hostname, port } = new URL(server.url);
    const env = { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port };
    await using fixture = await openMessaging({ env });
    const queue = 'typechecking.schemas.queue';
    const publish = (id: string) =>
      fixture.v1.publish({
        exchange: 'typechecking.exchange',
        routingKey: 'schemas.update',
        messages: [{ id, body: new TextEncoder().encode(id), contentType: '', subject: '' }],
      });
    await assert.rejects(publish('early'), { reason: 'STORE_UNREACHABLE' });

    await server.restart();
    await eventually(async () => {
      await fixture.clock.advance(1_000);
      const { results } = await publish('m');
      assert.equal(results[0]?.outcome, 1);
    }, backMs);
    const { exchange, virtualHost } = await fixture.wire.getMessagingParams({});
    assert.equal(exchange?.queues[0]?.queue, queue);
    assert.equal(virtualHost, '/');

    await using subscriber = await Subscriber.open(fixture.v1, queue);
    const { id, message } = await subscriber.delivery();
    assert.equal(message?.id, 'm');
    // See rabbit-faults.test.ts.
    await server.control('eval', '[dets:sync(Table) || Table <- dets:all()].');
    await server.kill();
    assert.deepEqual((await subscriber.next('lost')).ids, [id]);
    await server.restart();
    const again = await subscriber.delivery();
    assert.equal(again.message?.id, 'm');
    assert.equal(again.attempt, 1);
    subscriber.ack(id, again.id);
    const answers = [await subscriber.next('settled'), await subscriber.next('settled')];
    assert.deepEqual(answers.map(({ ids }) => ids).sort(), [[id], [again.id]].sort());
  });
});
