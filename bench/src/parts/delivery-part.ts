/** Messages through the services: published in batches, consumed with acknowledgements, streamed without. */
import { createChannel, createClient } from '@connections/grpc';
import { connectMessaging, wireMessagingService } from '@connections/proto-utils';
import { startChild } from '../child/child.ts';
import { startServices } from '../child/service-process.ts';
import type { LoadResult } from '../load/load-target.ts';
import { interleave } from '../measure/interleave.ts';
import type { Case } from '../measure/measurement.ts';
import type { DeliveryOrder } from '../served/delivery-process.ts';
import type { BenchPart } from './bench-part.ts';

type Route = Pick<DeliveryOrder, 'exchange' | 'routingKey' | 'queue'>;

const messages = 5_000;
/** The wire contract's streams take one message after the other. */
const streamed = 1_000;
const ownQueue = 'bench';

export const deliveryPart: BenchPart = {
  name: 'delivery',
  title: 'Messages of 1 KB through the embedded broker',
  async run({ effort }) {
    await using services = await startServices();
    const address = services.messaging;
    const module = new URL('../served/delivery-process.js', import.meta.url).href;
    await using client = startChild<DeliveryOrder, LoadResult>(module, 'generator');
    await declareQueue(address);
    const own: Route = { exchange: '', routingKey: ownQueue, queue: ownQueue };
    const wire = await wireRoute(address);
    const order = (what: DeliveryOrder['what'], route: Route, count: number) =>
      client.ask({ what, address, count: Math.ceil(count * effort.scale), ...route });
    const figures = ({ calls, elapsedMs }: LoadResult) => ({ 'messages/s': calls / (elapsedMs / 1_000) });
    const cases: Case[] = [
      {
        name: 'published in batches of 256',
        run: async () => figures(await order('publish', own, messages)),
      },
      // What the case before has published.
      {
        name: 'v1 Subscribe, each acknowledged',
        run: async () => figures(await order('consume', own, messages)),
      },
      {
        name: 'wire contract stream',
        async run() {
          await order('publish', wire, streamed);
          return figures(await order('stream', wire, streamed));
        },
      },
    ];
    return await interleave('delivery', cases, effort);
  },
};

async function declareQueue(address: string): Promise<void> {
  using client = connectMessaging(address);
  await client.messaging.declareTopology({ topology: { queues: [{ name: ownQueue }] } });
}

/** Where requests to validate go. */
async function wireRoute(address: string): Promise<Route> {
  using client = connectMessaging(address);
  const channel = createChannel(address);
  try {
    const wire = createClient(wireMessagingService, channel);
    const { routingKey } = await wire.getRoutingKeyValidations({ results: false });
    const { topology } = await client.messaging.getTopology({});
    const binding = topology?.bindings.find((each) => each.routingKey === routingKey);
    if (!binding) throw new Error('the wire contract has no queue for validations');
    return binding;
  } finally {
    channel.close();
  }
}
