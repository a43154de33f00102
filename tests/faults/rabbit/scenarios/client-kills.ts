/** What clients of the wire contract's streams, which cannot acknowledge, lose when they are killed, in both settle modes. */
import { setTimeout as delay } from 'node:timers/promises';
import { createDirectPublisher, schemaRequest } from '@connections/messaging-utils';
import { connectDatabase, connectMessaging } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { patienceMs } from '../../run/bounds.ts';
import type { Figure } from '../../run/figure.ts';
import { SeededChance } from '../../run/seeded-chance.ts';
import { FaultedService } from '../../world/faulted-service.ts';
import { checkMessages } from '../check/check-messages.ts';
import { MessageHistory } from '../check/message-history.ts';
import type { StreamingTask } from '../clients/streaming-client.ts';
import type { RabbitOptions } from '../rabbit-scenario.ts';
import { ClientProcess } from '../world/client-process.ts';
import { emptyQueues } from '../world/queue-rows.ts';
import { openRabbitWorld } from '../world/rabbit-world.ts';

export const clientKills = { name: 'client-kills', measure };

const queue = 'typechecking.schemas.queue';
/** More than a client's transport may hold; where nothing is settled before its task moves, that is the prefetch. */
const messagesPerKill = { transport: 1_600, task: 150 } as const;
const workMs = 2;
/** Short, so that what a dead client had comes again while the run lasts. */
const leaseSeconds = 5;
const prefetch = 8;
const aliveMs = [50, 250] as const;
/**
 * What a client's transport may hold of a stream that it does not read: the flow-control window of HTTP/2. The service
 * takes a message for settled when that has taken it.
 */
const windowBytes = 65_535;

interface ModeFigure {
  readonly line: string;
  readonly broken: readonly string[];
}

async function measure({ times, seed }: RabbitOptions): Promise<Figure> {
  const figures = [await measureMode('transport', times, seed), await measureMode('task', times, seed)];
  return {
    measured: figures.map(({ line }) => line).join('; '),
    broken: figures.flatMap(({ broken }) => broken),
  };
}

async function measureMode(mode: 'transport' | 'task', kills: number, seed: number): Promise<ModeFigure> {
  const chance = new SeededChance(seed);
  await using database = await FaultedService.start('database', {});
  const [host = '', port = ''] = database.address.split(':');
  await using world = await openRabbitWorld({
    settings: {
      MESSAGING_WIRE_SETTLE: mode,
      MESSAGING_LEASE_SECONDS: `${leaseSeconds}`,
      WORKER_PREFETCH_COUNT: `${prefetch}`,
      DATABASE_CONNECTION_HOST: host,
      DATABASE_CONNECTION_PORT: port,
    },
  });
  const [{ address }] = world.services;
  using service = connectMessaging(address);
  const history = new MessageHistory();
  await publishAll(address, database.address, history, kills * messagesPerKill[mode]);
  const task: StreamingTask = {
    address,
    workMs,
    ...(mode === 'task' && { databaseAddress: database.address }),
  };
  let gotInLife = 0;
  /** What the smallest message takes of a window. */
  let bytes = Infinity;
  const start = () => {
    gotInLife = 0;
    return new ClientProcess('streaming-client', task, ([what, id = '', size = '']) => {
      if (what !== 'got') return;
      gotInLife++;
      bytes = Math.min(bytes, Number(size));
      history.got(id);
    });
  };
  for (let kill = 0; kill < kills; kill++) {
    await using client = start();
    await eventually(() => {
      if (gotInLife === 0) throw new Error('the client gets nothing');
    }, patienceMs);
    await delay(chance.between(...aliveMs));
    await client.kill();
  }
  await using last = start();
  // What was lost is not known yet, so that the queue says when it is over.
  await eventually(() => emptyQueues(service, [queue]), patienceMs);
  const whole = gotInLife;
  await eventually(() => {
    if (history.missing > 0 && gotInLife === whole) throw new Error('the rest is on its way');
  }, 1_000).catch(() => {});
  await last.kill();
  const found = checkMessages({
    records: history.records(),
    strangers: history.strangers,
    kills: new Map([['client', kills]]),
    kinds: ['client'],
    inFlight: prefetch,
    channelErrors: world.log.channelErrors,
    leastConfirmed: messagesPerKill[mode],
  });
  const mostLost = mode === 'task' ? 0 : Math.ceil(windowBytes / bytes) + prefetch;
  const each = found.lost.length / kills;
  const line = [
    `${mode}: ${kills} kills of a client`,
    `lost ${each.toFixed(1)} a kill (at most ${mostLost})`,
    `duplicates ${(found.duplicates / kills).toFixed(1)} a kill (at most ${prefetch})`,
    `of ${found.confirmed} messages of ${bytes} bytes on the wire`,
  ].join(', ');
  const lost = each > mostLost ? [`${mode}: ${each} lost at a kill, more than ${mostLost}`] : [];
  // Here the loss has its own bound.
  const others = found.broken
    .filter((what) => !what.includes('never came'))
    .map((what) => `${mode}: ${what}`);
  return { line, broken: [...lost, ...others] };
}

/** With a task of each, as the clients that were there before have it. */
async function publishAll(
  address: string,
  databaseAddress: string,
  history: MessageHistory,
  count: number,
): Promise<void> {
  using publisher = createDirectPublisher({ address });
  using database = connectDatabase(databaseAddress);
  const run = history.openRun();
  const batch = 50;
  for (let first = 0; first < count; first += batch) {
    const numbers = Array.from({ length: batch }, (_, at) => first + at);
    const messages = numbers.map((number) =>
      schemaRequest({ id: `${run}.${number}`, importName: 'faults', task: 'remove_schema' }),
    );
    await Promise.all(
      messages.map(({ id = '' }) =>
        database.tasks.put({ category: 'schemas', id, state: { status: 'accepted' } }, { timeoutMs: 10_000 }),
      ),
    );
    history.sent(run, first, batch);
    await publisher.publish('typechecking.exchange', 'schemas.update', messages);
    history.told(run, first, batch, 'confirmed');
  }
}
