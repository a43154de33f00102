/** Deliveries that are not settled, on RabbitMQ. */
import { describe } from 'node:test';
import { rabbitMissing, startRabbit } from '@connections/testing';
import { connect } from 'amqplib';
import { withQueue } from './jobs-queue.ts';
import type { MessagingFixture } from './messaging-fixture.ts';
import { subscribeCases } from './subscribe-cases.ts';

/** On empty queues. */
async function open(): Promise<MessagingFixture> {
  const { url } = await startRabbit();
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of ['jobs', 'brittle']) {
    for (const name of [queue, `${queue}.dead`]) await channel.deleteQueue(name);
  }
  await connection.close();
  return withQueue({ MESSAGING_BROKER_URL: url });
}

describe('RabbitMQ', { skip: rabbitMissing() ?? false }, () => subscribeCases({ open, takesAhead: true }));
