/** A subscription that takes no more from the broker than the process has room for. */
import type { Delivery, Subscription, Verdict } from '../port/broker.ts';
import type { Claim, Relieve } from './delivery-budget.ts';
import type { DeliveryRoom } from './delivery-room.ts';
import { messageBytes } from './message-size.ts';

export class BudgetedSubscription implements Subscription {
  readonly #inner: Subscription;
  readonly #budget: DeliveryRoom;
  /** Gives a delivery back that keeps its room while others wait, or ends the stream that does not take it. */
  readonly #relieve: Relieve;
  readonly #claims = new Map<number, Claim>();

  constructor(inner: Subscription, budget: DeliveryRoom, relieve: Relieve) {
    this.#inner = inner;
    this.#budget = budget;
    this.#relieve = relieve;
  }

  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    for (;;) {
      const taken = await this.#take(signal);
      if (typeof taken !== 'number') return taken;
      await this.#budget.room(taken, signal);
    }
  }

  /**
   * A delivery that finds no room goes back to the broker, unseen, where another consumer may take it; its bytes are
   * the answer. Apart from `next`, which would keep it alive while it waits.
   */
  async #take(signal: AbortSignal): Promise<Delivery | number | undefined> {
    const delivery = await this.#inner.next(signal);
    if (!delivery) return undefined;
    const bytes = messageBytes(delivery.message);
    const claim = this.#budget.claim(bytes, this.#relieve);
    if (claim) {
      this.#claims.set(delivery.tag, claim);
      return delivery;
    }
    await this.#inner.settle(delivery.tag, { verdict: 'requeue', counts: false });
    return bytes;
  }

  /** The transport has taken the delivery: its memory is no longer ours. */
  taken(tag: number): void {
    this.#claims.get(tag)?.release();
    this.#claims.delete(tag);
  }

  /** False for a delivery that its consumer cannot have seen whole. */
  isTaken(tag: number): boolean {
    return !this.#claims.has(tag);
  }

  settle(tag: number, verdict: Verdict): Promise<boolean> {
    this.taken(tag);
    return this.#inner.settle(tag, verdict);
  }

  raisePrefetch(prefetch: number): void {
    this.#inner.raisePrefetch(prefetch);
  }

  whenLost(tell: (tags: readonly number[]) => void): void {
    this.#inner.whenLost?.((tags) => {
      for (const tag of tags) this.taken(tag);
      tell(tags);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tag of this.#claims.keys()) this.taken(tag);
    await this.#inner[Symbol.asyncDispose]();
  }
}
