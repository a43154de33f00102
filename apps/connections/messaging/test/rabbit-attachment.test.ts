/** When a channel tells the broker what is acknowledged, shown on a channel that notes what it is told. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import type { AmqpConnection, ConsumeMessage } from '@connections/amqp';
import { RabbitAttachment } from '../src/driver/rabbitmq/rabbit-attachment.ts';

class NotingChannel extends EventEmitter {
  readonly acks: (readonly [tag: number, multiple: boolean])[] = [];
  #take: (message: ConsumeMessage) => void = () => {};

  async prefetch(): Promise<void> {}

  async consume(_: string, take: (message: ConsumeMessage) => void): Promise<void> {
    this.#take = take;
  }

  deliver(...tags: readonly number[]): void {
    for (const deliveryTag of tags) this.#take({ fields: { deliveryTag } } as ConsumeMessage);
  }

  ack({ fields }: ConsumeMessage, multiple = false): void {
    this.acks.push([fields.deliveryTag, multiple]);
  }
}

async function attached(prefetch: number) {
  const channel = new NotingChannel();
  const connection = { version: '3.10.8', openChannel: async () => channel } as unknown as AmqpConnection;
  const attachment = await RabbitAttachment.open({ connection, queue: 'q', prefetch, onDelivery: () => {} });
  return { channel, attachment };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('acknowledgements on a channel', () => {
  it('go in one frame at the end of the turn', async () => {
    const { channel, attachment } = await attached(4);
    channel.deliver(1, 2, 3, 4);
    attachment.ack(1);
    attachment.ack(2);
    assert.deepEqual(channel.acks, []);
    await turn();
    assert.deepEqual(channel.acks, [[2, true]]);
  });

  it('name those apart that have an unsettled one before them', async () => {
    const { channel, attachment } = await attached(4);
    channel.deliver(1, 2, 3, 4);
    for (const tag of [1, 3, 4]) attachment.ack(tag);
    await turn();
    assert.deepEqual(channel.acks, [
      [1, true],
      [3, false],
      [4, false],
    ]);
  });

  it('are each taken once', async () => {
    const { channel, attachment } = await attached(1);
    channel.deliver(1);
    assert.deepEqual([attachment.ack(1), attachment.ack(1)], [true, false]);
    await turn();
    assert.deepEqual([attachment.ack(1), channel.acks.length], [false, 1]);
  });
});
