/** One subscription over a Subscribe stream, settled as a careful client would. */
import assert from 'node:assert/strict';
import type { Client } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  SubscribeRequest_Nack_Why as NackWhy,
  SubscribeResponse_Settled_Result as Result,
  type SubscribeRequest,
  type SubscribeResponse,
  type SubscribeResponse_Delivery as WireDelivery,
} from '@connections/proto-utils/v1/messaging';
import { limits } from '@connections/runtime';
import type { Delivery, Subscription, Verdict } from '../src/port/broker.ts';
import { FrameQueue } from './frame-queue.ts';

type Request = NonNullable<SubscribeRequest['frame']>;
type Response = NonNullable<SubscribeResponse['frame']>;

/** Tags for the ids of deliveries, over all streams: what a tag is worth elsewhere is for the service to say. */
export class DeliveryNames {
  readonly #ids = new Map<number, string>();

  tag(id: string): number {
    const tag = this.#ids.size + 1;
    this.#ids.set(tag, id);
    return tag;
  }

  id(tag: number): string {
    return this.#ids.get(tag) ?? 'never given';
  }
}

export interface WireSubscriptionOptions {
  readonly namespace: string;
  readonly queue: string;
  readonly prefetch: number;
  readonly names: DeliveryNames;
}

export class WireSubscription implements Subscription {
  readonly #names: DeliveryNames;
  readonly #requests = new FrameQueue<Request>();
  readonly #deliveries = new FrameQueue<WireDelivery>();
  /** Delivered and not settled, by their ids. */
  readonly #open = new Set<string>();
  /** By id: who waits to be told of it, in the order of asking. */
  readonly #asking = new Map<string, ((settled: boolean) => void)[]>();
  #prefetch: number;
  #read: Promise<void> = Promise.resolve();
  #closing = false;

  private constructor({ names, prefetch }: WireSubscriptionOptions) {
    this.#names = names;
    this.#prefetch = prefetch;
  }

  /** Resolves when the service has opened it, rejects with why it has not. */
  static async open(
    client: Client<typeof messagingService>,
    options: WireSubscriptionOptions,
  ): Promise<WireSubscription> {
    const { namespace, queue, prefetch } = options;
    const subscription = new WireSubscription(options);
    const credit = { messages: prefetch, bytes: BigInt(limits.creditBytes) };
    subscription.#send({ $case: 'open', value: { namespace, queue, credit, lease: undefined } });
    const responses = client.subscribe(subscription.#frames())[Symbol.asyncIterator]();
    const first = await responses.next();
    assert.equal(first.value?.frame?.$case, 'opened');
    subscription.#read = subscription.#readAll(responses);
    return subscription;
  }

  async next(signal: AbortSignal): Promise<Delivery | undefined> {
    const delivery = await this.#deliveries.take(signal);
    if (!delivery) return undefined;
    const { id, message, exchange, routingKey, attempt } = delivery;
    assert.ok(message, 'a delivery has no message');
    const { publishTime, ...rest } = message;
    assert.ok(publishTime, 'a message has no time');
    const tag = this.#names.tag(id);
    return { tag, message: { ...rest, publishedAt: publishTime.getTime() }, exchange, routingKey, attempt };
  }

  settle(tag: number, verdict: Verdict): Promise<boolean> {
    return this.#settle(this.#names.id(tag), verdict);
  }

  raisePrefetch(prefetch: number): void {
    const more = prefetch - this.#prefetch;
    if (more <= 0) return;
    this.#prefetch = prefetch;
    this.#send({ $case: 'credit', value: { messages: more, bytes: 0n } });
  }

  /** The service ends the stream when it delivers nothing more and everything is settled. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#send({ $case: 'drain', value: {} });
      for (const id of this.#open) this.#giveBack(id);
    }
    await this.#read;
  }

  async #readAll(responses: AsyncIterator<SubscribeResponse>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await responses.next();
        if (done) return;
        if (value.frame) this.#receive(value.frame);
      }
    } catch {
      // The connection is lost: the service has given everything back.
    } finally {
      this.#requests.end();
      this.#deliveries.end();
      for (const asking of this.#asking.values()) for (const tell of asking) tell(false);
    }
  }

  #receive(frame: Response): void {
    switch (frame.$case) {
      case 'delivery':
        this.#open.add(frame.value.id);
        if (this.#closing) this.#giveBack(frame.value.id);
        else this.#deliveries.put(frame.value);
        return;
      case 'settled':
        for (const id of frame.value.ids) this.#told(id, frame.value.result === Result.RESULT_OK);
        return;
      case 'lost':
        for (const id of frame.value.ids) this.#open.delete(id);
        return;
    }
  }

  #told(id: string, settled: boolean): void {
    this.#open.delete(id);
    this.#asking.get(id)?.shift()?.(settled);
  }

  #giveBack(id: string): void {
    void this.#settle(id, { verdict: 'requeue', counts: false });
  }

  #settle(id: string, verdict: Verdict): Promise<boolean> {
    return new Promise((resolve) => {
      const asking = this.#asking.get(id);
      if (asking) asking.push(resolve);
      else this.#asking.set(id, [resolve]);
      this.#send(verdictFrame(id, verdict));
    });
  }

  #send(frame: Request): void {
    this.#requests.put(frame);
  }

  async *#frames(): AsyncGenerator<{ frame: Request }, void> {
    for await (const frame of this.#requests) yield { frame };
  }
}

function verdictFrame(id: string, verdict: Verdict): Request {
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
