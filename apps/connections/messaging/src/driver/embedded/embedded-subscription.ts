/** One consumer of one queue. */
import type { Delivery, Subscription, Verdict } from '../../port/broker.ts';
import { type DeliveryRecorder, maxUnrecorded, type OpenDelivery } from './delivery-recorder.ts';
import type { QueueState, Waiter } from './queue-state.ts';
import type { Settlement } from './settlement.ts';

export interface SubscriptionParts {
  readonly queue: QueueState;
  readonly prefetch: number;
  readonly recorder: DeliveryRecorder;
  readonly settlement: Settlement;
  /** Called once, when the subscription is closed. */
  readonly onClose: (subscription: EmbeddedSubscription) => void;
}

interface Request {
  readonly waiter: Waiter;
  end(): void;
}

export class EmbeddedSubscription implements Subscription {
  readonly #queue: QueueState;
  readonly #recorder: DeliveryRecorder;
  readonly #settlement: Settlement;
  readonly #onClose: (subscription: EmbeddedSubscription) => void;
  readonly #open = new Map<number, OpenDelivery>();
  #prefetch: number;
  /** Settled by the consumer, not committed yet: these count as unsettled. */
  #settling = 0;
  #lastTag = 0;
  #request: Request | undefined;
  #closing: Promise<void> | undefined;

  constructor({ queue, prefetch, recorder, settlement, onClose }: SubscriptionParts) {
    this.#queue = queue;
    this.#prefetch = prefetch;
    this.#recorder = recorder;
    this.#settlement = settlement;
    this.#onClose = onClose;
    queue.addConsumer();
  }

  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    signal.throwIfAborted();
    const tag = await this.#ask(signal);
    const delivery = tag !== undefined && this.#open.get(tag);
    if (!delivery) return undefined;
    const { queue, sequence } = delivery;
    const failures = queue.records.failures(sequence);
    await this.#record(tag, delivery, failures);
    // Closed meanwhile, the message has been given back.
    if (!this.#open.has(tag)) return undefined;
    const stored = queue.records.message(sequence);
    if (!stored) throw new Error(`message ${sequence} of queue ${queue.name} is not in the store`);
    const { exchange, routingKey, ...message } = stored;
    return { tag, message, exchange, routingKey, attempt: failures + 1 };
  }

  async settle(tag: number, verdict: Verdict): Promise<boolean> {
    const delivery = this.#open.get(tag);
    if (!delivery) return false;
    this.#open.delete(tag);
    this.#settling++;
    try {
      await this.#settlement.settle(delivery, verdict);
    } catch (error) {
      if (this.#closing) this.#queue.giveBack(delivery.sequence);
      else this.#open.set(tag, delivery);
      throw error;
    } finally {
      this.#settling--;
    }
    this.#askAgain();
    return true;
  }

  raisePrefetch(prefetch: number): void {
    this.#prefetch = Math.max(this.#prefetch, prefetch);
    this.#askAgain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#request?.end();
    this.#queue.removeConsumer();
    const unsettled = [...this.#open.values()];
    this.#open.clear();
    if (unsettled.length > 0) await this.#settlement.giveBack(unsettled);
    this.#onClose(this);
  }

  /** The tag of a delivery, which is open from the moment that the queue hands it out. */
  #ask(signal: AbortSignal): Promise<number | undefined> {
    if (this.#closing) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', abort);
        this.#queue.withdraw(waiter);
        this.#request = undefined;
      };
      const waiter = (sequence: number) => {
        leave();
        const tag = ++this.#lastTag;
        this.#open.set(tag, { queue: this.#queue, sequence });
        resolve(tag);
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      const end = () => {
        leave();
        resolve(undefined);
      };
      signal.addEventListener('abort', abort);
      this.#request = { waiter, end };
      this.#askAgain();
    });
  }

  #askAgain(): void {
    const hasRoom = this.#open.size + this.#settling < this.#prefetch;
    if (this.#request && hasRoom) this.#queue.ask(this.#request.waiter);
  }

  /**
   * A note of the delivery is made at once, and the consumer does not wait for its commit, but for those that may
   * have taken an earlier process down before their note was: messages that failed before, and as many of each queue
   * after a start as can have been out unrecorded. A poison message is so recorded at the latest when it is delivered
   * for the second time, and reaches its limit.
   */
  async #record(tag: number, delivery: OpenDelivery, failures: number): Promise<void> {
    const suspect = failures > 0 || this.#queue.taken <= maxUnrecorded;
    const mustWait = suspect || this.#recorder.isBehind;
    const recorded = this.#recorder.record(delivery);
    if (!mustWait) {
      // A store that fails here fails the settlement too, and that is told.
      recorded.catch(() => undefined);
      return;
    }
    try {
      await recorded;
    } catch (error) {
      if (this.#open.delete(tag)) this.#queue.giveBack(delivery.sequence);
      throw error;
    }
  }
}
