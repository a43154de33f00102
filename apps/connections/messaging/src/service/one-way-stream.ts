/** One stream whose reader cannot acknowledge: nothing is settled before the transport has taken it. */
import type { Clock } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { Delivery, Message, Verdict } from '../port/broker.ts';
import type { BudgetedSubscription } from './budgeted-subscription.ts';
import type { Settlement, WatchMessage } from './task-settlement.ts';

/** A message as its reader gets it, or why no reader ever can. */
export type Translated<T> =
  | { readonly value: T; readonly taskId: string }
  | { readonly refused: 'unparseable' | 'too_large' };

export interface OneWaySource<T> {
  readonly queue: string;
  /** Of the tasks that its messages are about. */
  readonly category: string;
  translate(message: Message): Translated<T>;
}

const failed: Verdict = { verdict: 'requeue', counts: true };
const unseen: Verdict = { verdict: 'requeue', counts: false };

export class OneWayStream<T> {
  readonly #source: OneWaySource<T>;
  readonly #subscription: BudgetedSubscription;
  readonly #watch: WatchMessage;
  readonly #clock: Clock;
  /** Ends the taking of messages. */
  readonly #stop = new AbortController();
  /** Ends the waiting for those that were taken. */
  readonly #end = new AbortController();
  readonly #settling = new Set<Promise<void>>();
  /** What messages become whose settlement the stream did not live to see. */
  #leftOver = failed;
  #graceMs = 0;

  constructor(
    source: OneWaySource<T>,
    subscription: BudgetedSubscription,
    watch: WatchMessage,
    clock: Clock,
  ) {
    this.#source = source;
    this.#subscription = subscription;
    this.#watch = watch;
    this.#clock = clock;
  }

  async *run(signal: AbortSignal): AsyncGenerator<T, void> {
    const aborted = () => {
      this.#stop.abort(signal.reason);
      this.#end.abort();
    };
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
    try {
      for (;;) {
        const delivery = await this.#subscription.next(this.#stop.signal);
        if (!delivery) throw failure('STORE_UNREACHABLE', { store: 'broker' });
        yield* this.#hand(delivery);
      }
    } finally {
      await this.#close();
      signal.removeEventListener('abort', aborted);
    }
  }

  /** Takes no more messages; those that were taken have `graceMs` to be settled, then they go back uncounted. */
  drain(graceMs: number): void {
    this.#leftOver = unseen;
    this.#graceMs = graceMs;
    this.#stop.abort(failure('SHUTTING_DOWN', {}));
  }

  async *#hand({ tag, message }: Delivery): AsyncGenerator<T, void> {
    const translated = this.#source.translate(message);
    if ('refused' in translated) {
      await this.#subscription.settle(tag, { verdict: 'dead-letter', reason: translated.refused });
      return;
    }
    const task = { category: this.#source.category, id: translated.taskId };
    const settlement = await this.#watch(task, this.#stop.signal);
    let taken = false;
    try {
      yield translated.value;
      taken = true;
      this.#subscription.taken(tag);
    } finally {
      // Not taken: closing the subscription gives it back.
      if (!taken) settlement[Symbol.dispose]();
    }
    this.#settle(tag, settlement);
  }

  #settle(tag: number, settlement: Settlement & Disposable): void {
    const settled = settlement(this.#end.signal)
      .then(
        (done): Verdict => (done ? { verdict: 'ack' } : failed),
        () => this.#leftOver,
      )
      .finally(() => settlement[Symbol.dispose]())
      .then((verdict) => this.#subscription.settle(tag, verdict))
      .then(
        () => {},
        (error) => this.#stop.abort(error),
      )
      .finally(() => this.#settling.delete(settled));
    this.#settling.add(settled);
  }

  async #close(): Promise<void> {
    using _grace = this.#clock.after(this.#graceMs, () => this.#end.abort());
    if (this.#graceMs === 0) this.#end.abort();
    await Promise.all(this.#settling);
    await this.#subscription[Symbol.asyncDispose]();
  }
}
