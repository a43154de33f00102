/** Publishing and consuming by `amqplib` alone: what the driver and the direct publisher do with it, without them. */
import { type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { type RabbitClient, rabbitPrefetch, rabbitQueue } from './rabbit-ops.ts';

export interface BareRabbit extends RabbitClient {
  /** Empties the queue. */
  purge(): Promise<void>;
}

/** A connection to publish on and one to consume on, a channel each, as the driver has them. */
export async function openBareRabbit(url: string): Promise<BareRabbit> {
  const publishing = await connect(url, { noDelay: true });
  const consuming = await connect(url, { noDelay: true });
  const channel = await publishing.createConfirmChannel();
  let returned = 0;
  channel.on('return', () => {
    returned += 1;
  });
  return {
    async publish(bodies) {
      await Promise.all(bodies.map((body) => confirmed(channel, body)));
      if (returned > 0) throw new Error(`${returned} messages reached no queue`);
    },
    consume: (count, onBody) => consume(consuming, count, onBody),
    async purge() {
      await channel.purgeQueue(rabbitQueue);
    },
  };
}

const consumerTag = 'bench';
let published = 0;

function confirmed(channel: ConfirmChannel, body: Buffer): Promise<void> {
  published += 1;
  const properties = {
    persistent: true,
    mandatory: true,
    messageId: `bench-${published}`,
    contentType: 'application/json',
    timestamp: Math.floor(Date.now() / 1_000),
  };
  return new Promise((resolve, reject) => {
    channel.publish('', rabbitQueue, body, properties, (error: unknown) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function consume(
  connection: ChannelModel,
  count: number,
  onBody: (body: Uint8Array) => void,
): Promise<void> {
  const channel = await connection.createChannel();
  await channel.prefetch(rabbitPrefetch);
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    const take = (message: ConsumeMessage | null) => {
      // Those beyond go back with the channel.
      if (!message || seen >= count) return;
      seen += 1;
      onBody(message.content);
      channel.ack(message);
      if (seen === count) resolve();
    };
    channel.consume(rabbitQueue, take, { consumerTag }).catch(reject);
  });
  // The answer comes when the broker has taken the acknowledgements.
  await channel.cancel(consumerTag);
  await channel.close();
}
