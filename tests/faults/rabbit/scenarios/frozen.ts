/** SIGSTOP of the broker: what is published meanwhile is answered in time, and after SIGCONT all goes on. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  createDirectPublisher,
  createPublisher,
  type Publisher,
  schemaRequest,
} from '@connections/messaging-utils';
import { connectMessaging } from '@connections/proto-utils';
import { eventually } from '@connections/testing';
import { patienceMs, promised } from '../../run/bounds.ts';
import { type Figure, held } from '../../run/figure.ts';
import { checkMessages } from '../check/check-messages.ts';
import { MessageHistory, type Told } from '../check/message-history.ts';
import type { ConsumingTask } from '../clients/consuming-client.ts';
import { toldOf } from '../clients/told-of.ts';
import type { RabbitOptions } from '../rabbit-scenario.ts';
import { ClientProcess } from '../world/client-process.ts';
import { emptyQueues } from '../world/queue-rows.ts';
import { openRabbitWorld } from '../world/rabbit-world.ts';

export const frozen = { name: 'frozen', measure };

const queue = 'typechecking.schemas.queue';
const lanes = 4;
const concurrency = 32;
const pauseMs = 5;
const afterFailureMs = 100;
/** Of both publishers: the service gives up on its broker after 5 s, the direct publisher when it is told to. */
const deadlinesMs = { service: 6_000, direct: 2_000 } as const;
/** The deadlines are timers, and answers have a way to go. */
const wayMs = 250;
const leastConfirmed = 100;

type Way = keyof typeof deadlinesMs;

interface Answer {
  readonly way: Way;
  readonly told: Told;
  readonly ms: number;
  readonly ended: number;
}

async function measure({ awayMs, room }: RabbitOptions): Promise<Figure> {
  await using world = await openRabbitWorld();
  const [{ address }] = world.services;
  using service = connectMessaging(address);
  using throughService = createPublisher({ address });
  using direct = createDirectPublisher({ address });
  const publishers: readonly (readonly [Way, Publisher])[] = [
    ['service', throughService],
    ['direct', direct],
  ];
  const history = new MessageHistory();
  const answers: Answer[] = [];
  const task: ConsumingTask = { address, queues: [queue], concurrency };
  await using consumer = new ClientProcess('consuming-client', task, ([, id = '']) => history.got(id));
  const over = new AbortController();
  const publishing = publishers.flatMap(([way, publisher]) =>
    Array.from({ length: lanes }, () => publishOn(over.signal, way, publisher, history, answers)),
  );
  await eventually(() => {
    if (history.confirmed < leastConfirmed) throw new Error(`${history.confirmed} messages were confirmed`);
  }, patienceMs);
  const from = performance.now();
  world.broker.freeze();
  await delay(awayMs);
  world.broker.thaw();
  const to = performance.now();
  await eventually(() => {
    for (const way of ['service', 'direct']) {
      const served = answers.some((each) => each.way === way && each.told === 'confirmed' && each.ended > to);
      if (!served) throw new Error(`nothing was confirmed to ${way} any more`);
    }
    if (history.missing > lanes * concurrency) throw new Error('consumers get nothing any more');
  }, patienceMs);
  const healedMs = performance.now() - to;
  over.abort();
  await Promise.all(publishing);
  await eventually(async () => {
    if (history.missing > 0) throw new Error(`${history.missing} messages have not come`);
    await emptyQueues(service, [queue]);
  }, patienceMs).catch(() => {});
  await consumer.finish();
  const during = answers.filter(({ ended, ms }) => ended > from && ended - ms < to);
  const found = checkMessages({
    records: history.records(),
    strangers: history.strangers,
    kills: new Map([['broker', during.some(({ told }) => told !== 'confirmed') ? 1 : 0]]),
    kinds: ['broker'],
    inFlight: concurrency,
    channelErrors: world.log.channelErrors,
    leastConfirmed,
  });
  const slowest = (way: Way) => Math.max(0, ...during.filter((each) => each.way === way).map(({ ms }) => ms));
  const bounded = [
    held('an answer through the service took', slowest('service'), deadlinesMs.service + wayMs, 'ms', room),
    held('directly', slowest('direct'), deadlinesMs.direct + wayMs, 'ms', room),
    held('served again after', healedMs, promised.healedMs, 'ms', room),
  ];
  const measured = [
    `frozen for ${((to - from) / 1_000).toFixed(0)} s`,
    `meanwhile ${textOf(during)}`,
    ...bounded.map(({ text }) => text),
    `messages sent ${found.sent}, lost ${found.lost.length}, untrue ${found.untrue.length}, duplicates ${found.duplicates}`,
  ].join('; ');
  return { measured, broken: [...found.broken, ...bounded.flatMap(({ broken }) => broken)] };
}

async function publishOn(
  over: AbortSignal,
  way: Way,
  publisher: Publisher,
  history: MessageHistory,
  answers: Answer[],
): Promise<void> {
  const run = history.openRun();
  for (let number = 0; !over.aborted; number++) {
    const id = `${run}.${number}`;
    history.sent(run, number, 1);
    const begun = performance.now();
    const told = await publisher
      .publish(
        'typechecking.exchange',
        'schemas.update',
        schemaRequest({ id, importName: 'faults', task: 'remove_schema' }),
        { timeoutMs: deadlinesMs[way] },
      )
      .then(
        (): Told => 'confirmed',
        (error) => toldOf(error, way)(id),
      );
    history.told(run, number, 1, told);
    const ended = performance.now();
    answers.push({ way, told, ms: ended - begun, ended });
    await delay(told === 'confirmed' ? pauseMs : afterFailureMs);
  }
}

function textOf(answers: readonly Answer[]): string {
  const count = (told: Told) => answers.filter((each) => each.told === told).length;
  return `confirmed ${count('confirmed')}, unknown ${count('unknown')}, refused ${count('refused')}`;
}
