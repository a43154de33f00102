/** A thousand subscribers that read nothing, with more messages waiting than the service may keep, beside one that does read. */
import { setTimeout as delay } from 'node:timers/promises';
import { createPublisher } from '@connections/messaging-utils';
import { connectMessaging, type MessagingClient } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { patienceMs } from '../../run/bounds.ts';
import { type Figure, held, percentile } from '../../run/figure.ts';
import { MemoryWatch } from '../../run/memory-watch.ts';
import type { ConsumingTask } from '../clients/consuming-client.ts';
import type { RabbitOptions } from '../rabbit-scenario.ts';
import { ClientProcess } from '../world/client-process.ts';
import { queueRow } from '../world/queue-rows.ts';
import { openRabbitWorld } from '../world/rabbit-world.ts';

export const stalled = { name: 'stalled', measure };

const readers = 1_000;
const connections = 10;
/** Subscribed one after the other: each has the 5 s of a call to a store. */
const batches = 20;
const stalledQueue = 'typechecking.validations.queue';
const servedQueue = 'typechecking.schemas.queue';
/** Together more than the promise: a service that took what readers have credit for would break it. */
const bodyBytes = 262_144;
const bodies = 1_800;
const bodiesAtOnce = 10;
const promisedMiB = { each: 6, all: 400 } as const;
/** Of the service, after its first calls. */
const settleMs = 2_000;
const servedMessages = 200;
const servedMs = 1_000;

async function measure({ room, awayMs }: RabbitOptions): Promise<Figure> {
  await using world = await openRabbitWorld();
  const [service] = world.services;
  using client = connectMessaging(service.address);
  using publisher = createPublisher({ address: service.address });
  await fill(publisher);
  await delay(settleMs);
  const beforeMiB = await service.residentMiB();
  await using memory = new MemoryWatch(() => service.residentMiB());
  const over = new AbortController();
  const since = performance.now();
  const clients = Array.from({ length: connections }, () => connectMessaging(service.address));
  try {
    for (let open = 0; open < readers; open += readers / batches) {
      await Promise.all(
        Array.from({ length: readers / batches }, (_, at) => {
          const own = clients[(open + at) % connections] ?? client;
          return eventually(() => stalledReader(own, over.signal), patienceMs);
        }),
      );
    }
    const openedMs = performance.now() - since;
    const served = await serveOthers(service.address, publisher, awayMs);
    const { consumers } = await queueRow(client, stalledQueue);
    const parked = (await queueRow(client, `${stalledQueue}.dead`)).ready;
    const grownMiB = Math.max(...memory.peaks) - beforeMiB;
    const bounded = [
      held('memory grew by', grownMiB, promisedMiB.all, 'MiB'),
      held('by reader', grownMiB / readers, promisedMiB.each, 'MiB'),
      held('beside them a message came within p99', percentile(served, 0.99), servedMs, 'ms', room),
    ];
    const measured = [
      `${readers} stalled readers on ${connections} connections, ${bodies} messages of ${bodyBytes / 1_024} KiB`,
      `subscribed within ${(openedMs / 1_000).toFixed(0)} s, ${readers - consumers} of them ended as slow`,
      `the service had ${beforeMiB.toFixed(0)} MiB`,
      ...bounded.map(({ text }) => text),
      `dead letters ${parked}`,
      `p50 ${percentile(served, 0.5).toFixed(1)} ms of ${served.length}`,
    ].join('; ');
    const wrong = [
      ...(served.length < servedMessages ? [`${served.length} of ${servedMessages} came`] : []),
      ...(parked > 0 ? [`${parked} messages that nobody read are in the dead letters`] : []),
    ];
    return { measured, broken: [...wrong, ...bounded.flatMap(({ broken }) => broken)] };
  } finally {
    over.abort();
    for (const each of clients) each.close();
  }
}

type Publisher = ReturnType<typeof createPublisher>;

async function fill(publisher: Publisher): Promise<void> {
  const messages = Array.from({ length: bodiesAtOnce }, () => ({ body: new Uint8Array(bodyBytes) }));
  for (let sent = 0; sent < bodies; sent += bodiesAtOnce) {
    await publisher.publish('', stalledQueue, messages, { timeoutMs: patienceMs });
  }
}

/** Resolves when it is subscribed. It reads nothing after that, and nothing is acknowledged. */
async function stalledReader({ messaging }: MessagingClient, signal: AbortSignal): Promise<void> {
  async function* openOnly() {
    yield { frame: { $case: 'open' as const, value: { queue: stalledQueue } } };
    await new Promise(() => {});
  }
  await messaging.subscribe(openOnly(), { signal })[Symbol.asyncIterator]().next();
}

/** Milliseconds from when each message was published until it came. */
async function serveOthers(address: string, publisher: Publisher, forMs: number): Promise<number[]> {
  const published = new Map<string, number>();
  const took: number[] = [];
  const task: ConsumingTask = { address, queues: [servedQueue], concurrency: 8 };
  let begun = false;
  await using consumer = new ClientProcess('consuming-client', task, ([, id = '']) => {
    const since = published.get(id);
    if (since === undefined) begun = true;
    else took.push(performance.now() - since);
  });
  // How long a process takes to start is not how long a message is under way.
  await publisher.publish('', servedQueue, { id: 'first', body: '' });
  await eventually(() => {
    if (!begun) throw new Error('nothing came');
  }, patienceMs);
  for (let number = 0; number < servedMessages; number++) {
    const id = `${number}`;
    published.set(id, performance.now());
    await publisher.publish('', servedQueue, { id, body: id });
    await delay(forMs / servedMessages);
  }
  await eventually(() => {
    if (took.length < servedMessages) throw new Error(`${took.length} came`);
  }, patienceMs).catch(() => {});
  await consumer.finish();
  return took;
}
