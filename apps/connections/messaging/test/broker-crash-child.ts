/** Works on an embedded broker until it is killed, and tells what was promised to it, line by line. */
import { writeSync } from 'node:fs';
import { systemClock } from '@connections/runtime';
import {
  ack,
  type BrokerWorld,
  failed,
  message,
  numbered,
  subscribe,
  unseen,
} from '../conformance/broker-acts.ts';
import { openEmbeddedBroker } from '../src/driver/embedded/embedded-broker.ts';
import type { Delivery, Subscription, Verdict } from '../src/port/broker.ts';

const [, , folder = '', task = '', round = '0'] = process.argv;
const port = await openEmbeddedBroker({ folder, clock: systemClock });
const world: BrokerWorld = {
  port,
  namespace: 'n',
  signal: new AbortController().signal,
  now: Date.now,
  passTime: async () => {},
  reopen: async () => port,
};
// Synchronous, so that a line is out before anything else can happen.
const tell = (line: string) => writeSync(1, `${line}\n`);

/** Publishes and consumes without end. */
async function work(): Promise<void> {
  await Promise.all([...numbered(4, 'p').map(publishing), consuming(), consuming()]);
}

async function publishing(publisher: string): Promise<void> {
  for (let batch = 0; ; batch++) {
    const ids = numbered(5, `${round}-${publisher}-${batch}-`);
    const target = { exchange: '', routingKey: 'q' };
    const outcomes = await port.publish(
      'n',
      target,
      ids.map((id) => message(id)),
      world.signal,
    );
    for (const [index, { outcome }] of outcomes.entries())
      if (outcome === 'CONFIRMED') tell(`+ ${ids[index]}`);
  }
}

async function consuming(): Promise<void> {
  const consumer = await subscribe(world, 'q', 8);
  for (;;) {
    const delivery = await consumer.next(world.signal);
    if (!delivery) return;
    tell(`d ${delivery.message.id}`);
    void settling(consumer, delivery);
  }
}

async function settling(consumer: Subscription, { tag, message: { id } }: Delivery): Promise<void> {
  const dice = Math.random();
  const rejected: Verdict = { verdict: 'dead-letter', reason: 'bad luck' };
  const verdict = dice < 0.8 ? ack : dice < 0.87 ? failed : dice < 0.94 ? unseen : rejected;
  if (verdict === ack) tell(`? ${id}`);
  const settled = await consumer.settle(tag, verdict);
  if (settled && verdict.verdict !== 'requeue') tell(`- ${id}`);
}

/** Takes one message and keeps it. */
async function hold(): Promise<void> {
  const consumer = await subscribe(world, 'q');
  const delivery = await consumer.next(world.signal);
  tell(`held ${delivery?.message.id}`);
  setInterval(() => {}, 1_000);
}

/** Acknowledges up to the message `end`, and dies at once of the message `poison`. */
async function consumeUntilPoisoned(): Promise<void> {
  const consumer = await subscribe(world, 'q');
  for (;;) {
    const delivery = await consumer.next(world.signal);
    if (delivery?.message.id === 'poison') process.kill(process.pid, 'SIGKILL');
    if (delivery?.message.id.startsWith('after')) tell(`attempt ${delivery.attempt}`);
    if (delivery) await consumer.settle(delivery.tag, ack);
    if (delivery?.message.id === 'end') break;
  }
  await port[Symbol.asyncDispose]();
}

const tasks = new Map([
  ['work', work],
  ['hold', hold],
  ['poison', consumeUntilPoisoned],
]);
await tasks.get(task)?.();
