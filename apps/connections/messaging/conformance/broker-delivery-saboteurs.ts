/** Drivers that break the clauses BR-3xx: wrong consumers, wrong moments. */
import { abortSignalOf } from '@connections/runtime';
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Broker, Delivery, Message } from '../src/port/broker.ts';
import { delivering, never, publishing, subscribed } from './broker-sabotage.ts';

/** Throws away what a queue holds when somebody subscribes. */
const forLaterOnly: Saboteur<Broker> = (port) =>
  sabotaged(port, {
    async subscribe(namespace, request, signal) {
      const subscription = await port.subscribe(namespace, request, signal);
      const all = await port.statistics(namespace, signal);
      let ready = all.find(({ queue }) => queue === request.queue)?.ready ?? 0;
      while (ready-- > 0) {
        const delivery = await subscription.next(abortSignalOf(signal));
        if (delivery) await subscription.settle(delivery.tag, { verdict: 'ack' });
      }
      return subscription;
    },
  });

/** Ends a subscription that has nothing to give at once, instead of waiting. */
export const impatient: Saboteur<Broker> = subscribed((subscription) => ({
  async next(signal) {
    const leave = new AbortController();
    const given = subscription.next(AbortSignal.any([leave.signal, signal]));
    setImmediate(() => leave.abort());
    return given.catch(() => undefined);
  },
}));

/** Serves the first subscription of a queue only. */
const exclusive: Saboteur<Broker> = (port) => {
  const taken = new Set<string>();
  return subscribed((subscription, { namespace, queue }) => {
    const key = `${namespace} ${queue}`;
    const isSecond = taken.has(key);
    taken.add(key);
    return isSecond ? { next: async () => undefined } : { next: (signal) => subscription.next(signal) };
  })(port);
};

/** Gives the message that came first again and again. */
const repeating: Saboteur<Broker> = (port) => {
  let first: Message | undefined;
  return delivering((delivery) => {
    first ??= delivery.message;
    return { ...delivery, message: first };
  })(port);
};

const everyDeliveryTwice: Saboteur<Broker> = subscribed((subscription) => {
  let last: Delivery | undefined;
  return {
    async next(signal) {
      const again = last;
      last = again ? undefined : await subscription.next(signal);
      return again ?? last;
    },
  };
});

/** Goes on waiting after an abort and drops what comes. */
const absentMinded: Saboteur<Broker> = subscribed((subscription) => {
  let lost: Promise<unknown> = Promise.resolve();
  return {
    async next(signal) {
      await lost;
      const waiting = subscription.next(never);
      const aborted = new Promise<never>((_, reject) => {
        const lose = () => {
          lost = waiting.then(
            (delivery) => delivery && subscription.settle(delivery.tag, { verdict: 'ack' }),
          );
          reject(signal.reason);
        };
        if (signal.aborted) lose();
        else signal.addEventListener('abort', lose);
      });
      return Promise.race([waiting, aborted]);
    },
  };
});

export const brokerDeliverySaboteurs: Saboteurs<Broker> = {
  'BR-301': forLaterOnly,
  'BR-302': impatient,
  'BR-303': publishing((publication) => ({ ...publication, messages: publication.messages.toReversed() })),
  'BR-304': subscribed(() => ({}), 1),
  'BR-305': impatient,
  'BR-306': subscribed((subscription) => ({
    raisePrefetch: () => void subscription[Symbol.asyncDispose](),
  })),
  'BR-307': subscribed((subscription) => ({
    raisePrefetch: (prefetch) => subscription.raisePrefetch(prefetch + 3),
  })),
  'BR-308': repeating,
  'BR-309': exclusive,
  'BR-310': exclusive,
  'BR-311': delivering((delivery) => ({ ...delivery, attempt: delivery.attempt - 1 })),
  'BR-312': impatient,
  'BR-313': absentMinded,
  'BR-314': (port) =>
    sabotaged(port, {
      subscribe: (namespace, { prefetch }, signal) =>
        port.subscribe(namespace, { queue: 'q', prefetch }, signal),
    }),
  'BR-315': everyDeliveryTwice,
};
