/** Publishing and consuming by our ways: the driver's port, the service without gRPC, the direct publisher, the service. */
import type { Channel } from '@connections/grpc';
import { createGrpcJsChannel } from '@connections/grpc/grpc-js';
import { composeMessaging, messagingSettings } from '@connections/messaging';
import { openBroker } from '@connections/messaging/drivers';
import {
  createConsumer,
  createDirectPublisher,
  createPublisher,
  type Publisher,
} from '@connections/messaging-utils';
import { createComposeTools, readSettings, systemClock } from '@connections/runtime';
import { channelWithin } from './channel-within.ts';
import { type RabbitClient, rabbitPrefetch, rabbitQueue } from './rabbit-ops.ts';

const namespace = 'default';
const contentType = 'application/json';
/** Each call of the service has one. */
const newSignal = () => new AbortController().signal;

/** The port as the service has it, in this process and without what the service puts around it. */
export async function openPortRabbit(url: string): Promise<RabbitClient> {
  const { broker } = await openBroker({ url, folder: '', sync: 'second', maxBytes: 0, clock: systemClock });
  const target = { exchange: '', routingKey: rabbitQueue };
  let published = 0;
  return {
    async publish(bodies) {
      const publishedAt = Date.now();
      const messages = bodies.map((body) => {
        published += 1;
        return { id: `bench-${published}`, body, contentType, headers: new Map(), subject: '', publishedAt };
      });
      const outcomes = await broker.publish(namespace, target, messages, newSignal());
      const failed = outcomes.find(({ outcome }) => outcome !== 'CONFIRMED');
      if (failed) throw new Error(`a message is ${failed.outcome}`);
    },
    async consume(count, onBody) {
      const signal = newSignal();
      const request = { queue: rabbitQueue, prefetch: rabbitPrefetch };
      await using subscription = await broker.subscribe(namespace, request, signal);
      const settling: Promise<boolean>[] = [];
      for (let seen = 0; seen < count; seen++) {
        const delivery = await subscription.next(signal);
        if (!delivery) throw new Error('the queue is gone');
        onBody(delivery.message.body);
        settling.push(subscription.settle(delivery.tag, { verdict: 'ack' }));
      }
      if ((await Promise.all(settling)).includes(false)) throw new Error('an acknowledgement came too late');
    },
  };
}

/** The handlers of the service in this process with our clients in front, and all that is between them but gRPC. */
export async function openHandledRabbit(url: string): Promise<RabbitClient> {
  const { server, channel } = channelWithin();
  const settings = readSettings(messagingSettings, { MESSAGING_BROKER_URL: url });
  const messaging = await composeMessaging(settings, createComposeTools(systemClock));
  messaging.mount(server);
  return clientOn(channel);
}

export interface ServedRabbit {
  readonly direct: RabbitClient;
  readonly gRPC: RabbitClient;
}

/** What goes past the service is consumed from it. */
export function openServedRabbit(address: string): ServedRabbit {
  const channel = createGrpcJsChannel(address);
  const gRPC = clientOn(channel);
  return { direct: { ...gRPC, publish: publishingBy(createDirectPublisher({ channel })) }, gRPC };
}

function clientOn(channel: Channel): RabbitClient {
  return {
    publish: publishingBy(createPublisher({ channel })),
    consume: (count, onBody) => consumeServed(channel, count, onBody),
  };
}

function publishingBy(publisher: Publisher): RabbitClient['publish'] {
  return (bodies) =>
    publisher.publish(
      '',
      rabbitQueue,
      bodies.map((body) => ({ body, contentType })),
    );
}

async function consumeServed(
  channel: Channel,
  count: number,
  onBody: (body: Uint8Array) => void,
): Promise<void> {
  using consumer = createConsumer({ channel });
  const enough = new AbortController();
  let seen = 0;
  const handle = async ({ message }: { readonly message: { readonly body: Uint8Array } }) => {
    seen += 1;
    onBody(message.body);
    if (seen >= count) enough.abort();
    return 'ack' as const;
  };
  await consumer.run(rabbitQueue, handle, { signal: enough.signal, concurrency: rabbitPrefetch });
}
