/** What tests see of a broker without our code: its queues, made and read by a bare client. */
import { type Channel, connect, type GetMessage, type Options } from 'amqplib';
import type { AmqpAddress, AmqpMessage } from '../src/index.ts';

export function addressOf(url: string): AmqpAddress {
  const { hostname, port, username, password, pathname } = new URL(url);
  const virtualHost = decodeURIComponent(pathname.slice(1));
  return { host: hostname, port: Number(port), virtualHost, username, password };
}

export async function withChannel<T>(url: string, use: (channel: Channel) => Promise<T>): Promise<T> {
  const model = await connect(url);
  try {
    return await use(await model.createChannel());
  } finally {
    await model.close();
  }
}

/** A durable queue bound to a durable topic exchange by the key `routed`, all of names that no other test has. */
export async function declareQueue(url: string, name: string, options: Options.AssertQueue = {}) {
  const [exchange, queue] = [`${name}.exchange`, `${name}.queue`];
  await withChannel(url, async (channel) => {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.assertQueue(queue, { durable: true, ...options });
    await channel.bindQueue(queue, exchange, 'routed');
  });
  return { queue, target: { exchange, routingKey: 'routed' } };
}

/** Takes all that is there. */
export async function takeAll(url: string, queue: string): Promise<GetMessage[]> {
  return withChannel(url, async (channel) => {
    const { messageCount } = await channel.checkQueue(queue);
    const taken: GetMessage[] = [];
    const gets = Array.from({ length: messageCount }, () => channel.get(queue, { noAck: true }));
    for (const got of await Promise.all(gets)) if (got) taken.push(got);
    return taken;
  });
}

export function message(id: string, more: Partial<AmqpMessage> = {}): AmqpMessage {
  return {
    id,
    body: Buffer.from(`body of ${id}`),
    contentType: 'text/plain',
    headers: {},
    publishedAt: 1_700_000_000_123,
    ...more,
  };
}
