/** Opens subscriptions: checks what is asked for, keeps account of the open ones and drains them. */
import { randomBytes } from 'node:crypto';
import { type Clock, limits } from '@connections/runtime';
import { failure, invalidField, RequestCheck } from '@connections/runtime/errors';
import { DeliveryLedger, type Window } from '../domain/delivery-ledger.ts';
import { BudgetedSubscription } from './budgeted-subscription.ts';
import type { DeliveryRoom } from './delivery-room.ts';
import type { DeliverySource } from './observed-deliveries.ts';
import type { OpenStreams, StreamCall } from './open-streams.ts';
import { checkedFrames } from './subscribe-check.ts';
import type { ClientFrame, OpenFrame, ServerFrame } from './subscribe-frame.ts';
import { SubscribeSession } from './subscribe-session.ts';

const maxWindow: Window = { messages: limits.creditMessages, bytes: limits.creditBytes };

export interface SubscribeServiceOptions {
  readonly broker: DeliverySource;
  readonly clock: Clock;
  readonly streams: OpenStreams;
  readonly budget: DeliveryRoom;
  readonly leaseMs: number;
}

export class SubscribeService {
  readonly #broker: DeliverySource;
  readonly #clock: Clock;
  readonly #streams: OpenStreams;
  readonly #budget: DeliveryRoom;
  readonly #leaseMs: number;

  constructor({ broker, clock, streams, budget, leaseMs }: SubscribeServiceOptions) {
    this.#broker = broker;
    this.#clock = clock;
    this.#streams = streams;
    this.#budget = budget;
    this.#leaseMs = leaseMs;
  }

  async *subscribe(frames: AsyncIterable<ClientFrame>, call: StreamCall): AsyncGenerator<ServerFrame, void> {
    const iterator = checkedFrames(frames)[Symbol.asyncIterator]();
    using stream = this.#streams.open();
    const stopped = new Promise<never>((_, reject) => {
      stream.onDrain(() => reject(failure('SHUTTING_DOWN', {})));
    });
    const first = await Promise.race([iterator.next(), stopped]);
    if (first.done || first.value.kind !== 'open')
      throw invalidField('frame', 'the first frame must be open');
    const session = await this.#open(first.value, call);
    stream.onDrain((graceMs) => session.drain(graceMs));
    yield* session.run({ [Symbol.asyncIterator]: () => iterator }, call.signal);
  }

  async #open(open: OpenFrame, call: StreamCall): Promise<SubscribeSession> {
    const { signal } = call;
    const check = new RequestCheck();
    const namespace = check.namespace(open.namespace);
    check.name('open.queue', open.queue, limits.keyBytes);
    check.done();
    const window = {
      messages: open.credit.messages || limits.defaultCreditMessages,
      bytes: open.credit.bytes || limits.defaultCreditBytes,
    };
    const leaseMs = open.leaseMs ?? this.#leaseMs;
    const session = randomBytes(12).toString('base64url');
    const maxLeaseMs = limits.leaseSecondsTotal * 1_000;
    const ledger = new DeliveryLedger({ session, window, maxWindow, leaseMs, maxLeaseMs });
    const request = { queue: open.queue, prefetch: window.messages };
    const { queues } = await this.#broker.topology(namespace, signal);
    const limit = queues.find(({ name }) => name === open.queue)?.deliveryLimit ?? 0;
    const subscription = await this.#broker.subscribe(namespace, request, signal);
    const opened: ServerFrame = { kind: 'opened', session, window, leaseMs };
    const made: SubscribeSession = new SubscribeSession({
      ledger,
      subscription: new BudgetedSubscription(subscription, this.#budget, (reason) =>
        made.relieve(() => call.abort(reason)),
      ),
      clock: this.#clock,
      opened,
      failuresOfSuspect: failuresOfSuspect(limit),
    });
    return made;
  }
}

/**
 * Failures after which a message is delivered alone, so that one that kills its subscriber takes no other along to the
 * dead letters. The first delivery is never alone: where one failure is the limit, the others open beside it go too.
 */
function failuresOfSuspect(deliveryLimit: number): number {
  return deliveryLimit === 2 ? 1 : 2;
}
