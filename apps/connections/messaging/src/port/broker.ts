/** The broker port: topic exchanges bound to durable queues, consumed with acknowledgements. */
import type { Ending } from '../domain/broker-ending.ts';

export interface Exchange {
  readonly name: string;
  readonly type: 'topic';
}

export interface Queue {
  readonly name: string;
  /** Deliveries that count before a message is dead-lettered instead of delivered again. */
  readonly deliveryLimit: number;
  /** Where such messages and rejected ones go; a dead-letter queue has none, and no limit. */
  readonly deadLetterQueue: string | undefined;
}

export interface Binding {
  readonly exchange: string;
  readonly queue: string;
  /** AMQP topic pattern: words between dots, `*` one word, `#` any number of words. */
  readonly routingKey: string;
}

export interface Topology {
  readonly exchanges: readonly Exchange[];
  readonly queues: readonly Queue[];
  readonly bindings: readonly Binding[];
}

export interface QueueStatistics {
  readonly queue: string;
  readonly ready: number;
  readonly unsettled: number;
  readonly consumers: number;
}

export interface Message {
  readonly id: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Trace context travels here. */
  readonly headers: ReadonlyMap<string, string>;
  /** `category/id` of the task that this message is about, or empty. */
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
}

export type PublishOutcome =
  | { readonly outcome: 'CONFIRMED' }
  /** No queue is bound for the routing key; nothing is kept. */
  | { readonly outcome: 'UNROUTABLE' }
  /** The broker refused it; nothing is kept. */
  | { readonly outcome: 'REJECTED'; readonly reason: string }
  /** No answer in time; it may be there. */
  | { readonly outcome: 'UNKNOWN'; readonly reason: string };

export interface Delivery {
  /** Good on the subscription that gave it, once. */
  readonly tag: number;
  readonly message: Message;
  readonly exchange: string;
  readonly routingKey: string;
  /** 1 for the first delivery. */
  readonly attempt: number;
}

export type Verdict =
  | { readonly verdict: 'ack' }
  /** Back to the queue; `counts` towards the delivery limit when the message was seen and failed. */
  | { readonly verdict: 'requeue'; readonly counts: boolean }
  /** Never again: to the dead-letter queue with this reason, or dropped where the queue has none. */
  | { readonly verdict: 'dead-letter'; readonly reason: string };

/** One consumer of one queue. Closing it gives every unsettled delivery back, without counting. */
export interface Subscription extends AsyncDisposable {
  /**
   * Resolves with the next message once there is one; undefined when the broker has ended the subscription. At most
   * `prefetch` deliveries are unsettled at once: beyond them it waits. One call at a time.
   */
  next(signal: AbortSignal): Promise<Delivery | undefined>;
  /**
   * Settles a delivery for good; resolves when that stands. False for a tag that is unknown or settled, which has no
   * other effect.
   */
  settle(tag: number, verdict: Verdict): Promise<boolean>;
  /** Raises `prefetch` to this, also for a `next` that waits; one that is not higher changes nothing. */
  raisePrefetch(prefetch: number): void;
  /**
   * Has `tell` called with the tags of deliveries that the broker has taken back while the subscription goes on: they
   * cannot be settled any more and come again. Absent where that does not happen.
   */
  whenLost?(tell: (tags: readonly number[]) => void): void;
}

export interface BrokerCapabilities {
  /** Confirmed messages survive a kill of the process that holds them. */
  readonly durable: boolean;
  /** Publishers can reach the broker themselves, with parameters that the service hands out. */
  readonly directPublishing: boolean;
}

/**
 * Names, bodies and bounds are validated before they come here. A message is delivered at least once; an attempt after
 * a failure or a lost consumer carries a higher `attempt`. Dead letters carry the headers `x-death-reason`,
 * `x-death-queue` and `x-death-time`. Rejects with UNAVAILABLE when the broker cannot be reached, with the signal's
 * reason when that aborts; after close, FAILED_PRECONDITION.
 */
export interface Broker extends AsyncDisposable {
  readonly capabilities: BrokerCapabilities;
  /** Adds what is missing, dead-letter queues included; FAILED_PRECONDITION when something is there with other properties. */
  declare(namespace: string, topology: Topology, signal: Ending): Promise<void>;
  topology(namespace: string, signal: Ending): Promise<Topology>;
  statistics(namespace: string, signal: Ending): Promise<readonly QueueStatistics[]>;
  /**
   * Publishes to an exchange and resolves when every message is confirmed or refused, with one outcome for each, in
   * order. NOT_FOUND for an unknown exchange; the exchange named `` (empty) routes to the queue named by the key.
   */
  publish(
    namespace: string,
    target: { readonly exchange: string; readonly routingKey: string },
    messages: readonly Message[],
    signal: Ending,
  ): Promise<readonly PublishOutcome[]>;
  /** NOT_FOUND for an unknown queue. */
  subscribe(
    namespace: string,
    request: { readonly queue: string; readonly prefetch: number },
    signal: Ending,
  ): Promise<Subscription>;
  ping(signal: Ending): Promise<void>;
}
