/** What the clauses of the broker do again and again. */
import assert from 'node:assert/strict';
import { isStatusError } from '@connections/grpc/status';
import type { Clause, World } from '@connections/testing';
import type { Broker, Delivery, Message, Subscription, Topology, Verdict } from '../src/port/broker.ts';

export type BrokerClause = Clause<Broker>;
export type BrokerWorld = World<Broker>;

/** The exchange of a clause that needs no other. */
export const exchange = 'events';
export const ack: Verdict = { verdict: 'ack' };
export const failed: Verdict = { verdict: 'requeue', counts: true };
export const unseen: Verdict = { verdict: 'requeue', counts: false };

/** What a message that is due may take to come, on a broker under load. */
const patienceMs = 5_000;
/** What a message that must not come is waited for. */
const quietMs = 150;

/** Queues by name, each with the patterns it is bound by; dead letters go to `<name>.dead`. */
export function topologyOf(
  queues: Readonly<Record<string, readonly string[]>>,
  deliveryLimit = 20,
): Topology {
  const names = Object.keys(queues);
  return {
    exchanges: [{ name: exchange, type: 'topic' }],
    queues: names.map((name) => ({ name, deliveryLimit, deadLetterQueue: `${name}.dead` })),
    bindings: names.flatMap((queue) =>
      (queues[queue] ?? []).map((routingKey) => ({ exchange, queue, routingKey })),
    ),
  };
}

export function declare(
  { port, namespace, signal }: BrokerWorld,
  queues: Readonly<Record<string, readonly string[]>>,
  deliveryLimit?: number,
): Promise<void> {
  return port.declare(namespace, topologyOf(queues, deliveryLimit), signal);
}

export function message(id: string, parts: Partial<Message> = {}): Message {
  return {
    id,
    body: new TextEncoder().encode(`of ${id}`),
    contentType: 'text/plain',
    headers: new Map(),
    subject: '',
    publishedAt: 0,
    ...parts,
  };
}

/** Publishes in one batch and tells the outcomes. */
export async function publish(
  { port, namespace, signal }: BrokerWorld,
  target: { readonly exchange?: string; readonly routingKey: string },
  messages: readonly (Message | string)[],
): Promise<string[]> {
  const batch = messages.map((item) => (typeof item === 'string' ? message(item) : item));
  const outcomes = await port.publish(namespace, { exchange, ...target }, batch, signal);
  return outcomes.map(({ outcome }) => outcome);
}

/** Puts messages into a queue, past every binding. */
export async function fill(
  world: BrokerWorld,
  queue: string,
  ...messages: (Message | string)[]
): Promise<void> {
  const outcomes = await publish(world, { exchange: '', routingKey: queue }, messages);
  assert.deepEqual(
    outcomes,
    messages.map(() => 'CONFIRMED'),
  );
}

export function subscribe(
  { port, namespace, signal }: BrokerWorld,
  queue: string,
  prefetch = 1,
): Promise<Subscription> {
  return port.subscribe(namespace, { queue, prefetch }, signal);
}

/** The next message, which is due. */
export async function take(subscription: Subscription): Promise<Delivery> {
  const delivery = await nextWithin(subscription, patienceMs);
  assert.ok(delivery !== 'none', 'no message came');
  assert.ok(delivery, 'the subscription has ended');
  return delivery;
}

export async function takeMany(subscription: Subscription, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  while (deliveries.length < count) deliveries.push(await take(subscription));
  return deliveries;
}

export async function settle(subscription: Subscription, { tag }: Delivery, verdict: Verdict): Promise<void> {
  assert.equal(await subscription.settle(tag, verdict), true, 'an open delivery was not settled');
}

/** Unlike AbortSignal.timeout it keeps the process alive, which may have nothing else to wait for. */
class Deadline {
  readonly passed: Promise<'none'>;
  readonly #leave = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.passed = new Promise((resolve) => {
      this.#timer = setTimeout(() => {
        this.#leave.abort();
        resolve('none');
      }, ms);
    });
  }

  get signal(): AbortSignal {
    return this.#leave.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Resolves when the subscription has ended, which is due. */
export async function ended(subscription: Subscription): Promise<void> {
  assert.equal(await nextWithin(subscription, patienceMs), undefined);
}

/** Asserts that no message comes. */
export async function isQuiet(subscription: Subscription): Promise<void> {
  const delivery = await nextWithin(subscription, quietMs);
  if (delivery !== 'none') assert.fail(`${delivery?.message.id ?? 'the end'} came`);
}

/** Asks for a message, and changes its mind. */
export async function abandoned(subscription: Subscription, reason: Error): Promise<unknown> {
  using deadline = new Deadline(patienceMs);
  const leave = new AbortController();
  const waiting = subscription.next(leave.signal);
  leave.abort(reason);
  return await Promise.race([waiting, deadline.passed]);
}

async function nextWithin(subscription: Subscription, ms: number): Promise<Delivery | undefined | 'none'> {
  using deadline = new Deadline(ms);
  return await Promise.race([subscription.next(deadline.signal), deadline.passed]);
}

const last = 'the last of the queue';

/**
 * Empties a queue of what is ready in it, in order. A message published behind marks the end, so that a queue which
 * lacks something is not waited for.
 */
export async function emptied(world: BrokerWorld, queue: string): Promise<Delivery[]> {
  await fill(world, queue, last);
  await using subscription = await subscribe(world, queue, 16);
  const deliveries: Delivery[] = [];
  for (;;) {
    const delivery = await take(subscription);
    await settle(subscription, delivery, ack);
    if (delivery.message.id === last) return deliveries;
    deliveries.push(delivery);
  }
}

export async function emptiedIds(world: BrokerWorld, queue: string): Promise<string[]> {
  return idsOf(await emptied(world, queue));
}

export function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) => delivery.message.id);
}

export function numbered(count: number, prefix = 'm'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

export async function failsFor(reason: string, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isStatusError(error), `it fails by ${String(error)}`);
    assert.equal(error.reason, reason);
    return true;
  });
}
