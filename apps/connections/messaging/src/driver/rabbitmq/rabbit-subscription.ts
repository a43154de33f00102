/** One consumer of one queue, attached again whenever its channel is lost, until it is closed or the queue is gone. */
import { type ConsumeMessage, heeding } from '@connections/amqp';
import type { Delivery, Subscription, Verdict } from '../../port/broker.ts';
import type { LeasedLink } from './consumer-links.ts';
import { DeliveryBuffer, type Held } from './delivery-buffer.ts';
import type { DeliveryMemory } from './delivery-memory.ts';
import { RabbitAttachment } from './rabbit-attachment.ts';
import { connectionOf } from './rabbit-errors.ts';
import { fromAmqp } from './rabbit-message.ts';
import { attachAgain } from './rabbit-reattachment.ts';
import { RabbitSettlement, type SettlementParts } from './rabbit-settlement.ts';

export interface SubscriptionParts extends SettlementParts {
  readonly prefetch: number;
  readonly lease: LeasedLink;
  readonly memory: DeliveryMemory;
  readonly onClose: (subscription: RabbitSubscription) => void;
}

/** So often returned to the queue more than it has failed, a message may be what takes the services down. */
const returnsOfSuspect = 3;

export class RabbitSubscription implements Subscription {
  readonly #parts: SubscriptionParts;
  readonly #settlement: RabbitSettlement;
  readonly #buffer: DeliveryBuffer;
  readonly #open = new Map<number, Held>();
  readonly #settling = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #attached: Promise<void> = Promise.resolve();
  #attachment: RabbitAttachment | undefined;
  #prefetch: number;
  #lastTag = 0;
  /** Calls of `next` that wait. */
  #asking = 0;
  #wake: () => void = () => {};
  #tellLost: (tags: readonly number[]) => void = () => {};
  /** What was judged last may be what takes the services down: it is not to have company. */
  #alone = false;
  #adjusting: Promise<void> | undefined;
  #ended = false;
  #closed: Promise<void> | undefined;

  private constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.#settlement = new RabbitSettlement(parts);
    this.#buffer = new DeliveryBuffer(parts.memory);
    this.#prefetch = parts.prefetch;
  }

  /** Rejects when the queue or the broker is not there. */
  static async open(parts: SubscriptionParts): Promise<RabbitSubscription> {
    const subscription = new RabbitSubscription(parts);
    try {
      const connection = connectionOf(parts.lease.link);
      const attachment = await RabbitAttachment.open({ ...subscription.#attaching(), connection });
      subscription.#attached = subscription.#stayAttached(attachment);
      return subscription;
    } catch (error) {
      subscription.#buffer[Symbol.dispose]();
      throw error;
    }
  }

  /** As the broker calls it. */
  get queue(): string {
    return this.#parts.physical;
  }

  get unsettled(): number {
    return this.#buffer.length + this.#open.size + this.#settling.size;
  }

  /** As the broker counts them. */
  get consumers(): number {
    return this.#attachment?.consumers ?? 0;
  }

  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    this.#asking += 1;
    try {
      return await this.#next(signal);
    } finally {
      this.#asking -= 1;
    }
  }

  async #next(signal: AbortSignal): Promise<Delivery | undefined> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#ended) return undefined;
      const hasRoom = this.#open.size + this.#settling.size < this.#prefetch;
      const held = hasRoom ? this.#buffer.first : undefined;
      if (held && held.attempt === undefined) {
        await this.#judge(held, signal);
      } else if (held) {
        return this.#hand(held);
      } else {
        this.#askForMore();
        await this.#change(signal);
      }
    }
  }

  async settle(tag: number, verdict: Verdict): Promise<boolean> {
    const held = this.#open.get(tag);
    if (!held) return false;
    this.#open.delete(tag);
    const settling = this.#settlement.settle(held, verdict);
    if (verdict.verdict === 'requeue' && !verdict.counts) this.#rest(held.attachment);
    this.#settling.add(settling);
    try {
      return await settling;
    } catch (error) {
      if (!held.attachment.hasEnded) this.#open.set(tag, held);
      throw error;
    } finally {
      this.#settling.delete(settling);
      this.#wake();
    }
  }

  raisePrefetch(prefetch: number): void {
    this.#prefetch = Math.max(this.#prefetch, prefetch);
    this.#wake();
  }

  whenLost(tell: (tags: readonly number[]) => void): void {
    this.#tellLost = tell;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#end();
    // What is being put elsewhere needs the channel for its acknowledgement.
    await Promise.allSettled(this.#settling);
    await this.#attachment?.close(() => this.#giveAllBack());
    await this.#attached;
    this.#open.clear();
    this.#buffer[Symbol.dispose]();
    this.#parts.lease[Symbol.dispose]();
    this.#parts.onClose(this);
  }

  /** In the order in which they stood in the queue. */
  #giveAllBack(): void {
    const left = [...this.#open.values(), ...this.#buffer.cut(0)];
    this.#open.clear();
    for (const held of left.sort((a, b) => a.channelTag - b.channelTag)) this.#settlement.giveBack(held);
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  #attaching() {
    return {
      queue: this.#parts.physical,
      prefetch: Math.min(this.#prefetch, this.#buffer.allowance),
      onDelivery: (message: ConsumeMessage, from: RabbitAttachment) => this.#arrive(message, from),
    };
  }

  #arrive(message: ConsumeMessage, attachment: RabbitAttachment): void {
    const incoming = fromAmqp(this.#parts.namespace, message);
    const held = {
      attachment,
      channelTag: message.fields.deliveryTag,
      incoming,
      bytes: message.content.length,
    };
    // One that was never returned has not failed.
    this.#buffer.push({ ...held, attempt: incoming.redelivered ? undefined : 1 });
    this.#wake();
    this.#relieve();
  }

  /** Finds out how often a returned message has failed; alone, if it may be what takes the services down. */
  async #judge(held: Held, signal: AbortSignal): Promise<void> {
    // What cannot be asked now is taken as it is known.
    await this.#parts.failures.caughtUp(signal).catch(() => signal.throwIfAborted());
    const attempt = this.#settlement.attemptOf(held);
    const suspect = held.incoming.returns - (attempt - 1) >= returnsOfSuspect;
    this.#alone = suspect;
    if (suspect && this.#buffer.length > 1) await heeding(signal, this.#shrink());
    held.attempt = attempt;
  }

  #hand(held: Held): Delivery {
    this.#buffer.shift();
    const tag = ++this.#lastTag;
    this.#open.set(tag, held);
    const { message, exchange, routingKey } = held.incoming;
    return { tag, message, exchange, routingKey, attempt: held.attempt ?? 1 };
  }

  /** For a `next` that waits, where the broker may send too little though the prefetch allows more. */
  #askForMore(): void {
    const attachment = this.#attachment;
    attachment?.sendGivenBack();
    if (!attachment || attachment.hasEnded || this.#adjusting) return;
    const wanted = Math.min(this.#prefetch - this.unsettled, this.#alone ? 1 : this.#buffer.allowance);
    // Every change is one more consumer, so half of it is enough.
    if (wanted <= 0 || attachment.room > wanted / 2) return;
    this.#adjust(() => attachment.enlarge(wanted - attachment.room));
  }

  /** The first is kept for who asks next, unless every subscription keeping one is too much. */
  get #leastBuffered(): number {
    return this.#asking === 0 && this.#parts.memory.isFull ? 0 : 1;
  }

  /** Who gives back unseen and asks for nothing has no room: another would come in its place. */
  #rest(attachment: RabbitAttachment): void {
    if (this.#asking > 0 || this.#adjusting || attachment.hasEnded || this.#closed) return;
    void this.#adjust(() => attachment.pause());
  }

  #relieve(): void {
    if (this.#adjusting || !this.#buffer.isTooMuch || this.#buffer.length <= this.#leastBuffered) return;
    if (this.#attachment && !this.#attachment.hasEnded && !this.#closed) void this.#shrink();
  }

  /** Gives back all but the first of what nobody asks for, and has nothing more sent until somebody asks. */
  async #shrink(): Promise<void> {
    while (this.#adjusting) await this.#adjusting;
    const attachment = this.#attachment;
    if (!attachment) return;
    await this.#adjust(async () => {
      await attachment.pause();
      if (attachment.hasEnded || this.#closed) return;
      for (const held of this.#buffer.cut(this.#leastBuffered)) this.#settlement.giveBack(held);
      attachment.sendGivenBack();
    });
  }

  #adjust(change: () => Promise<void>): Promise<void> {
    this.#adjusting = change().finally(() => {
      this.#adjusting = undefined;
      this.#wake();
      // What came meanwhile was not looked at.
      this.#relieve();
    });
    return this.#adjusting;
  }

  async #stayAttached(first: RabbitAttachment): Promise<void> {
    const { signal } = this.#closing;
    this.#attachment = first;
    while (this.#attachment) {
      await this.#attachment.lost;
      this.#lose();
      this.#attachment = await attachAgain(this.#parts.lease.link, () => this.#attaching(), signal);
      if (!this.#attachment) this.#end();
      this.#wake();
    }
  }

  /** The broker has taken back what was on the channel. */
  #lose(): void {
    this.#buffer.cut(0);
    const tags = [...this.#open.keys()];
    this.#open.clear();
    if (tags.length > 0 && !this.#closed) this.#tellLost(tags);
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        this.#wake = () => {};
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
