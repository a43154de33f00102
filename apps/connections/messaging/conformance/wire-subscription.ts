/** A subscription of the broker port over a Subscribe stream of v1. */
import assert from 'node:assert/strict';
import type { Client } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  type SubscribeResponse_Delivery as DeliveryFrame,
  SubscribeRequest_Nack_Why as NackWhy,
  SubscribeResponse_Settled_Result as SettledResult,
  type SubscribeRequest,
  type SubscribeResponse,
} from '@connections/proto-utils/v1/messaging';
import type { Delivery, Subscription, Verdict } from '../src/port/broker.ts';

type Frame = NonNullable<SubscribeRequest['frame']>;

export class WireSubscription implements Subscription {
  readonly #requests: { frame: Frame }[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #ids: string[] = [];
  /** By id: who waits for an answer about it, in the order of asking. */
  readonly #settling = new Map<string, ((settled: boolean) => void)[]>();
  #wakeSender = () => {};
  #wakeTaker = () => {};
  #prefetch: number;
  #closing = false;
  #ended = false;
  #opened: Promise<void>;
  #reading: Promise<void>;

  private constructor(client: Client<typeof messagingService>, prefetch: number) {
    this.#prefetch = prefetch;
    const frames = client.subscribe(this.#sent())[Symbol.asyncIterator]();
    this.#opened = frames.next().then(({ value }) => assert.equal(value?.frame?.$case, 'opened'));
    this.#reading = this.#opened.then(() => this.#read(frames)).catch(() => {});
  }

  static async open(
    client: Client<typeof messagingService>,
    namespace: string,
    { queue, prefetch }: { readonly queue: string; readonly prefetch: number },
  ): Promise<WireSubscription> {
    const subscription = new WireSubscription(client, prefetch);
    const credit = { messages: prefetch, bytes: 0n };
    subscription.#send({ $case: 'open', value: { namespace, queue, credit, lease: undefined } });
    await subscription.#opened;
    return subscription;
  }

  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    signal.throwIfAborted();
    if (this.#deliveries.length === 0 && !this.#ended) {
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason);
        signal.addEventListener('abort', abort);
        this.#wakeTaker = () => {
          signal.removeEventListener('abort', abort);
          resolve();
        };
      });
    }
    return this.#deliveries.shift();
  }

  settle(tag: number, verdict: Verdict): Promise<boolean> {
    return this.#settle(this.#ids[tag] ?? `never given ${tag}`, verdict);
  }

  raisePrefetch(prefetch: number): void {
    const more = prefetch - this.#prefetch;
    if (more <= 0) return;
    this.#prefetch = prefetch;
    this.#send({ $case: 'credit', value: { messages: more, bytes: 0n } });
  }

  /** Gives everything back as not processed: a stream that just ends has failed what it held. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#send({ $case: 'drain', value: {} });
      for (const id of this.#ids) this.#giveBack(id);
    }
    await this.#reading;
  }

  async #read(frames: AsyncIterator<SubscribeResponse>): Promise<void> {
    for (;;) {
      const { done, value } = await frames.next();
      if (done) break;
      if (value.frame?.$case === 'delivery') this.#take(value.frame.value);
      if (value.frame?.$case === 'settled') this.#answer(value.frame.value.ids, value.frame.value.result);
    }
    this.#ended = true;
    this.#wakeTaker();
  }

  #take({ id, message, exchange, routingKey, attempt }: DeliveryFrame): void {
    assert.ok(message);
    const { publishTime, ...rest } = message;
    const tag = this.#ids.push(id) - 1;
    const publishedAt = publishTime?.getTime() ?? 0;
    this.#deliveries.push({ tag, message: { ...rest, publishedAt }, exchange, routingKey, attempt });
    if (this.#closing) this.#giveBack(id);
    this.#wakeTaker();
  }

  #giveBack(id: string): void {
    void this.#settle(id, { verdict: 'requeue', counts: false });
  }

  #settle(id: string, verdict: Verdict): Promise<boolean> {
    return new Promise((resolve) => {
      this.#settling.set(id, [...(this.#settling.get(id) ?? []), resolve]);
      this.#send(verdictFrame(id, verdict));
    });
  }

  #answer(ids: readonly string[], result: SettledResult): void {
    for (const id of ids) this.#settling.get(id)?.shift()?.(result === SettledResult.RESULT_OK);
  }

  #send(frame: Frame): void {
    this.#requests.push({ frame });
    this.#wakeSender();
  }

  async *#sent(): AsyncGenerator<{ frame: Frame }, void> {
    while (!this.#ended) {
      const request = this.#requests.shift();
      if (request) yield request;
      else {
        await new Promise<void>((resolve) => {
          this.#wakeSender = resolve;
        });
      }
    }
  }
}

function verdictFrame(id: string, verdict: Verdict): Frame {
  const ids = [id];
  switch (verdict.verdict) {
    case 'ack':
      return { $case: 'ack', value: { ids } };
    case 'requeue':
      return { $case: 'nack', value: { ids, why: verdict.counts ? NackWhy.WHY_FAILED : NackWhy.WHY_BUSY } };
    case 'dead-letter':
      return { $case: 'reject', value: { ids, reason: verdict.reason } };
  }
}
