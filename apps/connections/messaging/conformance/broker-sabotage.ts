/** What the saboteurs of the broker are made of: ports that change one thing on the way. */
import { type Saboteur, sabotaged } from '@connections/testing';
import type { Broker, Delivery, Message, PublishOutcome, Subscription, Verdict } from '../src/port/broker.ts';

export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  readonly messages: readonly Message[];
}

export interface Consumer {
  readonly port: Broker;
  readonly namespace: string;
  readonly queue: string;
  readonly prefetch: number;
}

export const never: AbortSignal = new AbortController().signal;

/** Publishes something else than it was given. */
export function publishing(change: (publication: Publication) => Publication): Saboteur<Broker> {
  return (port) =>
    sabotaged(port, {
      publish(namespace, target, messages, signal) {
        const changed = change({ ...target, messages });
        return port.publish(namespace, changed, changed.messages, signal);
      },
    });
}

/** Routes by another key, but for what goes to a queue by its name. */
export function keyed(change: (routingKey: string) => string): Saboteur<Broker> {
  return publishing((publication) =>
    publication.exchange === ''
      ? publication
      : { ...publication, routingKey: change(publication.routingKey) },
  );
}

/** Binds by other patterns. */
export function bound(change: (pattern: string) => string): Saboteur<Broker> {
  return (port) =>
    sabotaged(port, {
      declare(namespace, topology, signal) {
        const bindings = topology.bindings.map((binding) => ({
          ...binding,
          routingKey: change(binding.routingKey),
        }));
        return port.declare(namespace, { ...topology, bindings }, signal);
      },
    });
}

export function storing(change: (message: Message) => Message): Saboteur<Broker> {
  return publishing((publication) => ({ ...publication, messages: publication.messages.map(change) }));
}

/** Tells other outcomes than the broker's. */
export function telling(
  change: (outcomes: readonly PublishOutcome[]) => readonly PublishOutcome[],
): Saboteur<Broker> {
  return (port) =>
    sabotaged(port, {
      publish: async (namespace, target, messages, signal) =>
        change(await port.publish(namespace, target, messages, signal)),
    });
}

/** Replaces members of every subscription. */
export function subscribed(
  members: (subscription: Subscription, consumer: Consumer) => Partial<Subscription>,
  prefetchMore = 0,
): Saboteur<Broker> {
  return (port) =>
    sabotaged(port, {
      async subscribe(namespace, { queue, prefetch }, signal) {
        const request = { queue, prefetch: prefetch + prefetchMore };
        const subscription = await port.subscribe(namespace, request, signal);
        return sabotaged(subscription, members(subscription, { port, namespace, queue, prefetch }));
      },
    });
}

export function delivering(change: (delivery: Delivery) => Delivery): Saboteur<Broker> {
  return subscribed((subscription) => ({
    async next(signal) {
      const delivery = await subscription.next(signal);
      return delivery && change(delivery);
    },
  }));
}

/** Settles otherwise than it was told. */
export function settling(change: (verdict: Verdict, consumer: Consumer) => Verdict): Saboteur<Broker> {
  return subscribed((subscription, consumer) => ({
    settle: (tag, verdict) => subscription.settle(tag, change(verdict, consumer)),
  }));
}

/** Takes verdicts of this kind for done and does nothing. */
export function forgetting(kind: Verdict['verdict']): Saboteur<Broker> {
  return subscribed(
    (subscription) => ({
      settle: async (tag, verdict) => verdict.verdict === kind || subscription.settle(tag, verdict),
    }),
    32,
  );
}

/** Several broken ways at once; the first is the innermost. */
export function together(...saboteurs: readonly Saboteur<Broker>[]): Saboteur<Broker> {
  return (port) => saboteurs.reduce((broken, sabotage) => sabotage(broken), port);
}
