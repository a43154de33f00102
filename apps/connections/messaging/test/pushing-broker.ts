/** One queue of a broker that pushes at once whatever its consumers have credit for, as RabbitMQ may, and counts nothing else. */
import { EventEmitter } from 'node:events';
import type { AmqpConnection, ConsumeMessage } from '@connections/amqp';

interface Consumer {
  credit: number;
  readonly take: (message: ConsumeMessage) => void;
}

interface Unsettled {
  readonly consumer: Consumer;
  readonly bytes: number;
}

export class PushingBroker {
  /** The bytes of each message that waits. */
  readonly queue: number[] = [];
  readonly connection = {
    version: '3.10.8',
    openChannel: async () => new PushingChannel(this),
  } as unknown as AmqpConnection;
  readonly #channels = new Set<PushingChannel>();
  readonly #body = Buffer.alloc(1_048_576);

  publish(count: number, bytes: number): void {
    for (let sent = 0; sent < count; sent++) this.queue.push(bytes);
    this.push();
  }

  join(channel: PushingChannel): void {
    this.#channels.add(channel);
  }

  leave(channel: PushingChannel): void {
    this.#channels.delete(channel);
  }

  push(): void {
    setImmediate(() => {
      for (const channel of this.#channels) channel.push(this.#body);
    });
  }
}

class PushingChannel extends EventEmitter {
  readonly #broker: PushingBroker;
  readonly #consumers = new Map<string, Consumer>();
  readonly #unsettled = new Map<number, Unsettled>();
  #prefetch = 0;
  #lastTag = 0;

  constructor(broker: PushingBroker) {
    super();
    this.#broker = broker;
    broker.join(this);
  }

  async prefetch(count: number): Promise<void> {
    this.#prefetch = count;
  }

  async consume(_: string, take: Consumer['take'], options: { readonly consumerTag: string }): Promise<void> {
    this.#consumers.set(options.consumerTag, { credit: this.#prefetch, take });
    this.#broker.push();
  }

  async cancel(consumerTag: string): Promise<void> {
    this.#consumers.delete(consumerTag);
  }

  ack({ fields }: ConsumeMessage, upTo = false): void {
    const first = upTo ? 0 : fields.deliveryTag;
    for (const tag of this.#unsettled.keys()) {
      if (tag >= first && tag <= fields.deliveryTag) this.#settle(tag);
    }
  }

  nack({ fields }: ConsumeMessage): void {
    const bytes = this.#settle(fields.deliveryTag);
    if (bytes !== undefined) this.#broker.queue.unshift(bytes);
  }

  async close(): Promise<void> {
    this.#broker.leave(this);
    for (const { bytes } of this.#unsettled.values()) this.#broker.queue.unshift(bytes);
    this.#unsettled.clear();
    this.#broker.push();
    this.emit('close');
  }

  push(body: Buffer): void {
    for (const consumer of this.#consumers.values()) {
      while (consumer.credit > 0) {
        const bytes = this.#broker.queue.shift();
        if (bytes === undefined) return;
        consumer.credit -= 1;
        const deliveryTag = ++this.#lastTag;
        this.#unsettled.set(deliveryTag, { consumer, bytes });
        const fields = { deliveryTag, redelivered: false, exchange: '', routingKey: 'q' };
        const content = body.subarray(0, bytes);
        consumer.take({ content, fields, properties: { headers: {} } } as unknown as ConsumeMessage);
      }
    }
  }

  #settle(tag: number): number | undefined {
    const found = this.#unsettled.get(tag);
    if (!found) return undefined;
    this.#unsettled.delete(tag);
    found.consumer.credit += 1;
    this.#broker.push();
    return found.bytes;
  }
}
