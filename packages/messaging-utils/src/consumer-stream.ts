/** One subscription of a consumer: runs the handler on what it delivers and answers with the verdicts. */
import type { Client } from '@connections/grpc';
import type { messagingService } from '@connections/proto-utils';
import {
  type SubscribeResponse_Delivery as Delivery,
  type SubscribeRequest,
  SubscribeRequest_Nack_Why as Why,
} from '@connections/proto-utils/v1/messaging';
import { FrameQueue } from './frame-queue.ts';
import type { HandlerVerdict, MessageHandler, ReceivedDelivery } from './handler.ts';
import type { Slots } from './slots.ts';
import { inTraceOf } from './trace-context.ts';

type Frame = NonNullable<SubscribeRequest['frame']>;

export interface ConsumerStreamOptions {
  readonly client: Client<typeof messagingService>;
  readonly namespace: string;
  readonly queue: string;
  readonly credit: number;
  readonly leaseSeconds: number;
  readonly maxLeaseSeconds: number;
  readonly slots: Slots;
  readonly handler: MessageHandler;
  readonly onError: (error: unknown, delivery: ReceivedDelivery) => void;
}

interface Running {
  readonly since: number;
  readonly lost: AbortController;
}

export class ConsumerStream {
  readonly #options: ConsumerStreamOptions;
  readonly #frames = new FrameQueue<SubscribeRequest>();
  readonly #running = new Map<string, Running>();
  readonly #handled = new Set<Promise<void>>();
  readonly #cancel = new AbortController();
  /** Acknowledged in this turn of the loop: one frame tells them all. */
  #acknowledged: string[] = [];
  /** Resolves when this one takes no more messages, with what ended it if that was an error. */
  readonly retired: Promise<unknown>;
  #retire: (failure?: unknown) => void = () => {};
  #opened = false;
  #draining = false;

  constructor(options: ConsumerStreamOptions) {
    this.#options = options;
    this.retired = new Promise((resolve) => {
      this.#retire = resolve;
    });
  }

  /** The service accepted it. */
  get opened(): boolean {
    return this.#opened;
  }

  /** Resolves when the stream has ended and no handler runs any more. */
  async run(): Promise<void> {
    const { client, namespace, queue, credit, leaseSeconds } = this.#options;
    const lease = { seconds: BigInt(leaseSeconds), nanos: 0 };
    this.#send({
      $case: 'open',
      value: { namespace, queue, credit: { messages: credit, bytes: 0n }, lease },
    });
    // A lease is extended well before it ends, one lost frame included.
    const keeper = setInterval(() => this.#extend(), (leaseSeconds * 1_000) / 3);
    let failure: unknown;
    try {
      for await (const { frame } of client.subscribe(this.#frames, { signal: this.#cancel.signal })) {
        if (frame?.$case === 'opened') this.#opened = true;
        if (frame?.$case === 'delivery') this.#take(frame.value);
        if (frame?.$case === 'lost') for (const id of frame.value.ids) this.#lose(id);
        if (frame?.$case === 'draining') this.#retire();
      }
    } catch (error) {
      failure = error;
    }
    this.#frames.end();
    for (const id of [...this.#running.keys()]) this.#lose(id);
    clearInterval(keeper);
    this.#retire(failure);
    await Promise.all(this.#handled);
  }

  /** Takes no more messages; the service ends the stream when the running handlers have answered. */
  drain(): void {
    this.#draining = true;
    if (this.#opened) this.#send({ $case: 'drain', value: {} });
    else this.#cancel.abort();
  }

  #take({ id, message, exchange, routingKey, attempt }: Delivery): void {
    if (!message) return;
    const lost = new AbortController();
    this.#running.set(id, { since: Date.now(), lost });
    const delivery = { message, exchange, routingKey, attempt, signal: lost.signal };
    const handled = this.#options.slots
      .run(() => this.#handle(id, delivery))
      .finally(() => {
        this.#running.delete(id);
        this.#handled.delete(handled);
      });
    this.#handled.add(handled);
  }

  async #handle(id: string, delivery: ReceivedDelivery): Promise<void> {
    if (delivery.signal.aborted) return;
    if (this.#draining) return this.#send({ $case: 'nack', value: { ids: [id], why: Why.WHY_BUSY } });
    const verdict = await this.#verdict(delivery);
    if (delivery.signal.aborted) return;
    if (verdict === 'ack') this.#acknowledge(id);
    else if (verdict === 'reject') this.#send({ $case: 'reject', value: { ids: [id], reason: '' } });
    else this.#send({ $case: 'nack', value: { ids: [id], why: Why.WHY_FAILED } });
  }

  async #verdict(delivery: ReceivedDelivery): Promise<HandlerVerdict> {
    try {
      return await inTraceOf(delivery.message.headers, () => this.#options.handler(delivery));
    } catch (error) {
      this.#options.onError(error, delivery);
      return 'retry';
    }
  }

  #acknowledge(id: string): void {
    this.#acknowledged.push(id);
    if (this.#acknowledged.length === 1) setImmediate(() => this.#sendAcknowledgements());
  }

  #sendAcknowledgements(): void {
    const ids = this.#acknowledged;
    this.#acknowledged = [];
    if (ids.length > 0) this.#send({ $case: 'ack', value: { ids } });
  }

  #lose(id: string): void {
    this.#running.get(id)?.lost.abort();
    this.#running.delete(id);
  }

  #extend(): void {
    const oldest = Date.now() - this.#options.maxLeaseSeconds * 1_000;
    const ids = [...this.#running].filter(([, { since }]) => since > oldest).map(([id]) => id);
    if (ids.length > 0) this.#send({ $case: 'extend', value: { ids, lease: undefined } });
  }

  #send(frame: Frame): void {
    this.#frames.push({ frame });
  }
}
