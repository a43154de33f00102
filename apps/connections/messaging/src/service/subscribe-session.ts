/** One subscriber on its stream: sends deliveries as its window allows and settles what it answers. */
import { type Clock, limits } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { DeliveryLedger, OpenDelivery } from '../domain/delivery-ledger.ts';
import type { Delivery, Verdict } from '../port/broker.ts';
import type { BudgetedSubscription } from './budgeted-subscription.ts';
import { LeaseAlarm } from './lease-alarm.ts';
import { messageBytes } from './message-size.ts';
import { ReplyBox } from './reply-box.ts';
import type { ClientFrame, ServerFrame } from './subscribe-frame.ts';
import { WakeUp } from './wake-up.ts';

/** What the transport takes, less the names, ids and framing around a body and its headers. */
const maxDeliveryBytes = limits.messageBytes - 8_192;

const failed: Verdict = { verdict: 'requeue', counts: true };
const unseen: Verdict = { verdict: 'requeue', counts: false };

export interface SessionParts {
  readonly ledger: DeliveryLedger;
  readonly subscription: BudgetedSubscription;
  readonly clock: Clock;
  readonly opened: ServerFrame;
  /** A delivery that failed so often is sent alone. */
  readonly failuresOfSuspect: number;
}

export class SubscribeSession {
  readonly #ledger: DeliveryLedger;
  readonly #subscription: BudgetedSubscription;
  readonly #clock: Clock;
  readonly #opened: ServerFrame;
  readonly #failuresOfSuspect: number;
  readonly #replies = new ReplyBox();
  readonly #changed = new WakeUp();
  readonly #pulling = new AbortController();
  readonly #leases: LeaseAlarm;
  #pull: Promise<void> | undefined;
  #held: Delivery | undefined;
  #answered: Promise<void> = Promise.resolve();
  #graceTimer: Disposable | undefined;
  /** Takes no more deliveries: the subscriber or the service asked for it, or the session ends. */
  #draining = false;
  /** What open deliveries become when the session ends before they are settled. */
  #leftOver = failed;
  #brokerEnded = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor({ ledger, subscription, clock, opened, failuresOfSuspect }: SessionParts) {
    this.#ledger = ledger;
    this.#subscription = subscription;
    this.#clock = clock;
    this.#opened = opened;
    this.#failuresOfSuspect = failuresOfSuspect;
    this.#leases = new LeaseAlarm(clock, () => this.#expire());
    subscription.whenLost((tags) => this.#lose(new Set(tags)));
  }

  /** Runs the session; it ends with the iterator, the signal, the subscriber's frames or a drain. */
  async *run(frames: AsyncIterable<ClientFrame>, signal: AbortSignal): AsyncGenerator<ServerFrame, void> {
    const aborted = () => this.#fail(signal.reason);
    signal.addEventListener('abort', aborted);
    try {
      if (signal.aborted) aborted();
      yield this.#opened;
      void this.#read(frames);
      for (;;) {
        if (this.#failure) throw this.#failure.error;
        const frame = this.#replies.take() ?? this.#send();
        // While a delivery is on its way no other is taken from the broker.
        if (frame?.kind !== 'delivery') this.#pullOne();
        if (frame) {
          yield frame;
          if (frame.kind === 'delivery') this.#subscription.taken(frame.delivery.tag);
        } else if (this.#isOver()) break;
        else await this.#changed.sleep();
      }
      if (this.#brokerEnded) throw failure('STORE_UNREACHABLE', { store: 'broker' });
    } finally {
      signal.removeEventListener('abort', aborted);
      await this.#close();
    }
  }

  /** Sends nothing more, takes answers for `graceMs`, then gives back what is left without counting it. */
  drain(graceMs: number): void {
    this.#replies.announceDrain(graceMs);
    this.#leftOver = unseen;
    this.#graceTimer ??= this.#clock.after(graceMs, () => {
      this.#ended = true;
      this.#changed.call();
    });
    this.#stopPulling();
    this.#changed.call();
  }

  /** Others wait for the room that this stream keeps: a held delivery goes back, one that is not taken ends the call. */
  relieve(endCall: () => void): void {
    if (this.#held) this.#giveHeldBack();
    else endCall();
    this.#changed.call();
  }

  async #read(frames: AsyncIterable<ClientFrame>): Promise<void> {
    try {
      for await (const frame of frames) {
        if (this.#ended) return;
        this.#apply(frame);
        this.#changed.call();
        await this.#replies.room();
      }
      // Nothing can be settled any more; what was answered before is still told.
      await this.#answered;
      this.#stopPulling();
      this.#ended = true;
      this.#changed.call();
    } catch (error) {
      this.#fail(error);
    }
  }

  #apply(frame: ClientFrame): void {
    switch (frame.kind) {
      case 'ack':
        this.#settle(frame.ids, { verdict: 'ack' });
        break;
      case 'nack':
        this.#settle(frame.ids, { verdict: 'requeue', counts: frame.counts });
        break;
      case 'reject':
        this.#settle(frame.ids, { verdict: 'dead-letter', reason: frame.reason });
        break;
      case 'extend':
        this.#extend(frame.ids, frame.leaseMs);
        break;
      case 'credit':
        this.#ledger.enlarge(frame.credit);
        this.#subscription.raisePrefetch(this.#ledger.window.messages);
        break;
      case 'drain':
        this.#stopPulling();
        break;
      case 'open':
        throw failure('INVALID_REQUEST', { problem: 'open: only the first frame opens the stream' });
    }
  }

  #settle(ids: readonly string[], verdict: Verdict): void {
    this.#replies.expect(ids.length);
    const { open, stale } = this.#ledger.settle(ids);
    const standing = this.#settleAll(open, verdict);
    // In the order of the frames: the answer to a frame is never overtaken by that to a later one.
    this.#answered = Promise.all([standing, this.#answered]).then(
      ([{ settled, unknown }]) => {
        this.#replies.answer({ settled, stale: [...unknown, ...stale] });
        this.#changed.call();
      },
      (error) => this.#fail(error),
    );
  }

  async #settleAll(open: readonly OpenDelivery[], verdict: Verdict) {
    const stood = await Promise.all(open.map(({ tag }) => this.#subscription.settle(tag, verdict)));
    return {
      settled: open.filter((_, index) => stood[index]).map(({ id }) => id),
      unknown: open.filter((_, index) => !stood[index]).map(({ id }) => id),
    };
  }

  #extend(ids: readonly string[], leaseMs: number | undefined): void {
    const stale = this.#ledger.extend(ids, leaseMs, this.#clock.now());
    this.#replies.expect(stale.length);
    this.#replies.answer({ settled: [], stale });
    this.#leases.watch(this.#ledger.nextExpiry());
  }

  /** Asks the broker for one delivery, when there is room for it and none is asked for yet. */
  #pullOne(): void {
    if (this.#pull || this.#draining || !this.#ledger.wantsMore) return;
    this.#pull = this.#subscription.next(this.#pulling.signal).then(
      (delivery) => {
        this.#pull = undefined;
        if (delivery) this.#hold(delivery);
        else this.#brokerLost();
        this.#changed.call();
      },
      (error) => {
        this.#pull = undefined;
        if (this.#draining) this.#changed.call();
        else this.#fail(error);
      },
    );
  }

  #hold(delivery: Delivery): void {
    const bytes = messageBytes(delivery.message);
    if (bytes > maxDeliveryBytes) {
      this.#settleUnseen(delivery.tag, { verdict: 'dead-letter', reason: 'too_large' });
    } else if (this.#draining) {
      this.#settleUnseen(delivery.tag, unseen);
    } else {
      this.#held = delivery;
      const suspect = delivery.attempt > this.#failuresOfSuspect;
      this.#leases.watch(this.#ledger.hold({ tag: delivery.tag, bytes, suspect }, this.#clock.now()));
    }
  }

  #send(): ServerFrame | undefined {
    const sent = this.#held && this.#ledger.send(this.#clock.now());
    if (!this.#held || !sent) return undefined;
    const delivery = this.#held;
    this.#held = undefined;
    this.#leases.watch(sent.leaseUntil);
    return { kind: 'delivery', id: sent.id, delivery, leaseUntil: sent.leaseUntil };
  }

  #expire(): void {
    const now = this.#clock.now();
    if (this.#ledger.holdIsOver(now)) this.#giveHeldBack();
    const expired = this.#ledger.expire(now);
    for (const { tag } of expired) this.#settleUnseen(tag, failed);
    this.#replies.lose(
      expired.map(({ id }) => id),
      'LEASE_EXPIRED',
    );
    this.#leases.watch(this.#ledger.nextExpiry());
    this.#changed.call();
  }

  /** The stream goes on: the broker delivers these again. */
  #lose(tags: ReadonlySet<number>): void {
    if (this.#held && tags.has(this.#held.tag)) this.#held = undefined;
    const lost = this.#ledger.lose(tags);
    this.#replies.lose(
      lost.map(({ id }) => id),
      'BROKER_LOST',
    );
    this.#leases.watch(this.#ledger.nextExpiry());
    this.#changed.call();
  }

  #brokerLost(): void {
    this.#replies.lose(
      this.#ledger.close().map(({ id }) => id),
      'BROKER_LOST',
    );
    this.#stopPulling();
    this.#brokerEnded = true;
  }

  #stopPulling(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#pulling.abort();
    this.#giveHeldBack();
    this.#changed.call();
  }

  #giveHeldBack(): void {
    this.#held = undefined;
    const tag = this.#ledger.release();
    if (tag !== undefined) this.#settleUnseen(tag, unseen);
  }

  /** Settles what the subscriber has no answer to wait for. */
  #settleUnseen(tag: number, verdict: Verdict): void {
    this.#subscription.settle(tag, verdict).catch((error) => this.#fail(error));
  }

  #isOver(): boolean {
    if (!this.#replies.idle) return false;
    return this.#ended || (this.#draining && !this.#pull && this.#ledger.openCount === 0);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#changed.call();
  }

  async #close(): Promise<void> {
    this.#ended = true;
    this.#stopPulling();
    this.#replies.close();
    this.#leases[Symbol.dispose]();
    this.#graceTimer?.[Symbol.dispose]();
    await this.#pull;
    // Closing gives the rest back unseen, so a broker that fails here costs a count, not a message.
    await Promise.allSettled(
      this.#ledger.close().map(({ tag }) => {
        const verdict = this.#subscription.isTaken(tag) ? this.#leftOver : unseen;
        return this.#subscription.settle(tag, verdict);
      }),
    );
    await this.#answered;
    await this.#subscription[Symbol.asyncDispose]();
  }
}
