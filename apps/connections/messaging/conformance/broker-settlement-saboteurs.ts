/** Drivers that break the clauses BR-4xx and BR-5xx: verdicts that are forgotten, mistaken or miscounted. */
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Broker, Delivery, Verdict } from '../src/port/broker.ts';
import { failed, unseen } from './broker-acts.ts';
import { impatient } from './broker-delivery-saboteurs.ts';
import { type Consumer, delivering, forgetting, never, settling, subscribed } from './broker-sabotage.ts';

const counts = (verdict: Verdict) => verdict.verdict === 'requeue' && verdict.counts;
const isDead = ({ queue }: Consumer) => queue.endsWith('.dead');

/** Settles, and says so whether or not there was something to settle. */
export const alwaysTrue: Saboteur<Broker> = subscribed((subscription) => ({
  async settle(tag, verdict) {
    await subscription.settle(tag, verdict);
    return true;
  },
}));

const neverCounting = settling((verdict) => (counts(verdict) ? unseen : verdict));
const notRejecting = settling((verdict) => (verdict.verdict === 'dead-letter' ? unseen : verdict));

/** Settles by what is known of the delivery. */
function knowing(
  change: (verdict: Verdict, delivery: Delivery, consumer: Consumer) => Verdict,
): Saboteur<Broker> {
  return subscribed((subscription, consumer) => {
    const open = new Map<number, Delivery>();
    return {
      async next(signal) {
        const delivery = await subscription.next(signal);
        if (delivery) open.set(delivery.tag, delivery);
        return delivery;
      },
      settle(tag, verdict) {
        const delivery = open.get(tag);
        return subscription.settle(tag, delivery ? change(verdict, delivery, consumer) : verdict);
      },
    };
  });
}

/** Counts in memory; `of` says what failures are counted by. */
function countingInMemory(of: (delivery: Delivery) => string): Saboteur<Broker> {
  return (port) => {
    const failures = new Map<string, number>();
    const count = (delivery: Delivery) => failures.get(of(delivery)) ?? 0;
    const remembering = knowing((verdict, delivery) => {
      if (counts(verdict)) failures.set(of(delivery), count(delivery) + 1);
      return counts(verdict) ? unseen : verdict;
    });
    return delivering((delivery) => ({ ...delivery, attempt: count(delivery) + 1 }))(remembering(port));
  };
}

/** Puts what is returned behind everything else. */
const toTheEnd: Saboteur<Broker> = (port) =>
  knowing((verdict, { message }, { namespace, queue }) => {
    if (verdict.verdict !== 'requeue') return verdict;
    void port.publish(namespace, { exchange: '', routingKey: queue }, [message], never);
    return { verdict: 'ack' };
  })(port);

/** Counts what was open when it is closed. */
const blamingTheLeaver: Saboteur<Broker> = subscribed((subscription) => {
  const open = new Set<number>();
  return {
    async next(signal) {
      const delivery = await subscription.next(signal);
      if (delivery) open.add(delivery.tag);
      return delivery;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((tag) => subscription.settle(tag, failed)));
      await subscription[Symbol.asyncDispose]();
    },
  };
});

/** Settles everything that came before, too. */
const cumulative: Saboteur<Broker> = subscribed((subscription) => ({
  async settle(tag, verdict) {
    for (let before = 1; before < tag; before++) await subscription.settle(before, verdict);
    return subscription.settle(tag, verdict);
  },
}));

/** Drops settlements that come while another is under way. */
const oneAtATime: Saboteur<Broker> = subscribed((subscription) => {
  let busy = false;
  return {
    async settle(tag, verdict) {
      if (busy) return true;
      busy = true;
      try {
        return await subscription.settle(tag, verdict);
      } finally {
        busy = false;
      }
    },
  };
});

const countingOnce: Saboteur<Broker> = (port) => {
  let returns = 0;
  return settling((verdict) => (verdict.verdict === 'requeue' && returns++ === 0 ? failed : verdict))(port);
};

/** Changes dead letters on their way out. */
function burying(change: (headers: Map<string, string>, delivery: Delivery) => Delivery): Saboteur<Broker> {
  return delivering((delivery) =>
    delivery.message.headers.has('x-death-queue')
      ? change(new Map(delivery.message.headers), delivery)
      : delivery,
  );
}

export const brokerSettlementSaboteurs: Saboteurs<Broker> = {
  'BR-401': forgetting('ack'),
  'BR-402': forgetting('ack'),
  'BR-403': alwaysTrue,
  'BR-404': alwaysTrue,
  'BR-405': alwaysTrue,
  'BR-406': alwaysTrue,
  'BR-407': delivering((delivery) => (delivery.attempt > 1 ? { ...delivery, routingKey: '' } : delivery)),
  'BR-408': settling((verdict) => (verdict.verdict === 'requeue' ? failed : verdict)),
  'BR-409': neverCounting,
  'BR-410': countingInMemory(({ message }) => message.id),
  'BR-411': toTheEnd,
  'BR-412': blamingTheLeaver,
  'BR-413': countingOnce,
  'BR-414': cumulative,
  'BR-415': oneAtATime,

  'BR-501': knowing((verdict, { attempt }) => (counts(verdict) && attempt === 3 ? unseen : verdict)),
  'BR-502': neverCounting,
  'BR-503': notRejecting,
  'BR-504': settling((verdict) =>
    verdict.verdict === 'dead-letter' ? { ...verdict, reason: 'rejected' } : verdict,
  ),
  'BR-505': burying((headers, delivery) => {
    headers.set('x-death-time', String(Date.parse(headers.get('x-death-time') ?? '')));
    return { ...delivery, message: { ...delivery.message, headers } };
  }),
  'BR-506': burying((_, delivery) => ({ ...delivery, message: { ...delivery.message, contentType: '' } })),
  'BR-507': settling((verdict) => (verdict.verdict === 'dead-letter' ? { verdict: 'ack' } : verdict)),
  'BR-508': impatient,
  'BR-509': knowing((verdict, { attempt }, consumer) =>
    isDead(consumer) && counts(verdict) && attempt >= 20 ? { verdict: 'ack' } : verdict,
  ),
  'BR-510': settling((verdict, consumer) =>
    isDead(consumer) && verdict.verdict === 'dead-letter' ? unseen : verdict,
  ),
  'BR-511': forgetting('ack'),
  'BR-512': countingInMemory(() => 'the whole queue'),

  'BR-802': neverCounting,
  // Settles what it gave before it was closed.
  'BR-806': (port) =>
    sabotaged(port, {
      subscribe: async (namespace, request, signal) =>
        sabotaged(await port.subscribe(namespace, request, signal), { settle: async () => true }),
    }),
};
