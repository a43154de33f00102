/** Follows deliveries from the queue until they are settled, from outside of what delivers and settles them. */
import type { DeliveryOutcome } from '@connections/runtime';
import type { Broker, Delivery, Subscription, Verdict } from '../port/broker.ts';

/** What subscribers need of a broker. */
export type DeliverySource = Pick<Broker, 'topology' | 'subscribe'>;

/** Called as a message is taken from its queue; what it returns is called once, when the delivery is over. */
export type DeliveryObserver = (queue: string, delivery: Delivery) => (outcome: DeliveryOutcome) => void;

export function observedDeliveries(broker: DeliverySource, observe: DeliveryObserver): DeliverySource {
  return {
    topology: (namespace, signal) => broker.topology(namespace, signal),
    async subscribe(namespace, request, signal) {
      const subscription = await broker.subscribe(namespace, request, signal);
      return new ObservedSubscription(subscription, (delivery) => observe(request.queue, delivery));
    },
  };
}

class ObservedSubscription implements Subscription {
  readonly #inner: Subscription;
  readonly #observe: (delivery: Delivery) => (outcome: DeliveryOutcome) => void;
  /** Of the unsettled deliveries, by their tags: as many as the broker lets there be. */
  readonly #ended = new Map<number, (outcome: DeliveryOutcome) => void>();

  constructor(inner: Subscription, observe: (delivery: Delivery) => (outcome: DeliveryOutcome) => void) {
    this.#inner = inner;
    this.#observe = observe;
  }

  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    const delivery = await this.#inner.next(signal);
    if (delivery) this.#ended.set(delivery.tag, this.#observe(delivery));
    return delivery;
  }

  async settle(tag: number, verdict: Verdict): Promise<boolean> {
    const stands = await this.#inner.settle(tag, verdict);
    if (stands) {
      this.#ended.get(tag)?.(outcomeOf(verdict));
      this.#ended.delete(tag);
    }
    return stands;
  }

  raisePrefetch(prefetch: number): void {
    this.#inner.raisePrefetch(prefetch);
  }

  whenLost(tell: (tags: readonly number[]) => void): void {
    this.#inner.whenLost?.((tags) => {
      for (const tag of tags) {
        this.#ended.get(tag)?.('returned');
        this.#ended.delete(tag);
      }
      tell(tags);
    });
  }

  /** What is unsettled goes back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
    for (const ended of this.#ended.values()) ended('returned');
    this.#ended.clear();
  }
}

function outcomeOf(verdict: Verdict): DeliveryOutcome {
  switch (verdict.verdict) {
    case 'ack':
      return 'acknowledged';
    case 'requeue':
      return verdict.counts ? 'requeued' : 'returned';
    case 'dead-letter':
      return 'dead-lettered';
  }
}
