/** The one-way streams of the wire contract on RabbitMQ. */
import { randomUUID } from 'node:crypto';
import { describe } from 'node:test';
import { rabbitMissing, startRabbit } from '@connections/testing';
import { connect } from 'amqplib';
import { type FixtureOptions, type MessagingFixture, openMessaging } from './messaging-fixture.ts';
import { type WireNames, WireScene } from './wire-scene.ts';
import { wireStreamCases } from './wire-stream-cases.ts';

/** With names of its own, which nobody needs afterwards. */
class RabbitScene extends WireScene {
  readonly #url: string;
  readonly #names: WireNames;

  constructor(url: string, names: WireNames, fixture: MessagingFixture) {
    super(fixture, names);
    this.#url = url;
    this.#names = names;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    const connection = await connect(this.#url);
    const channel = await connection.createChannel();
    const { exchange, schemas, validations } = this.#names;
    for (const queue of [schemas, validations]) {
      for (const name of [queue, `${queue}.dead`]) await channel.deleteQueue(name);
    }
    await channel.deleteExchange(exchange);
    await connection.close();
  }
}

async function openScene({ env, ...options }: FixtureOptions = {}): Promise<WireScene> {
  const { url } = await startRabbit();
  const own = `wire-${randomUUID()}`;
  const names = { exchange: own, schemas: `${own}.schemas`, validations: `${own}.validations` };
  const named = {
    MESSAGING_BROKER_URL: url,
    RABBITMQ_EXCHANGE: names.exchange,
    RABBITMQ_QUEUE_SCHEMAS: names.schemas,
    RABBITMQ_QUEUE_VALIDATIONS: names.validations,
  };
  return new RabbitScene(url, names, await openMessaging({ ...options, env: { ...named, ...env } }));
}

describe('RabbitMQ', { skip: rabbitMissing() ?? false }, () => wireStreamCases(openScene));
