/** Publishes messages and says of each what became of it. */
import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type Counter,
  type Ending,
  limits,
  type MessageTracer,
  type Metrics,
  type TraceHeaders,
} from '@connections/runtime';
import { failure, RequestCheck } from '@connections/runtime/errors';
import type { Broker, PublishOutcome } from '../port/broker.ts';
import { overdue, within } from './deadline.ts';
import { checkMessage, type NewMessage } from './message-check.ts';
import { messageBytes } from './message-size.ts';
import { PublishRoom } from './publish-room.ts';
import { stampedHeaders } from './stamped-headers.ts';

/** A broker that has not confirmed by then may still do so: the outcome is unknown. */
const publishDeadlineMs = 5_000;

export interface Publication {
  readonly namespace: string;
  /** Empty: `routingKey` is the name of a queue. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly messages: readonly NewMessage[];
  readonly requestId: string | undefined;
  /** The trace context of the call, for messages without one of their own. */
  readonly trace: TraceHeaders;
}

export interface PublishResult {
  readonly id: string;
  readonly outcome: PublishOutcome;
}

export interface PublishServiceOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
  /** Puts messages into the trace of their publishing, where this process traces. */
  readonly tracer?: MessageTracer | undefined;
}

export class PublishService {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #maxBodyBytes: number;
  readonly #published: Readonly<Record<PublishOutcome['outcome'], Counter>>;
  readonly #tracer: MessageTracer | undefined;
  readonly #room = new PublishRoom(limits.publishingBytes);

  constructor({ broker, clock, metrics, maxBodyBytes, tracer }: PublishServiceOptions) {
    this.#broker = broker;
    this.#clock = clock;
    this.#maxBodyBytes = maxBodyBytes;
    this.#published = {
      CONFIRMED: metrics.counter('published', { outcome: 'CONFIRMED' }),
      UNROUTABLE: metrics.counter('published', { outcome: 'UNROUTABLE' }),
      REJECTED: metrics.counter('published', { outcome: 'REJECTED' }),
      UNKNOWN: metrics.counter('published', { outcome: 'UNKNOWN' }),
    };
    this.#tracer = tracer;
  }

  /** One result for each message, in their order. A message that reached no queue is a result, not a failure. */
  async publish(publication: Publication, signal: Ending): Promise<readonly PublishResult[]> {
    const namespace = this.#check(publication);
    const publish = (trace: TraceHeaders) => this.#publish(namespace, { ...publication, trace }, signal);
    if (!this.#tracer) return publish(publication.trace);
    const destination = publication.exchange || publication.routingKey;
    return this.#tracer.publishing(destination, publication.messages.length, publish, firstUnconfirmed);
  }

  async #publish(
    namespace: string,
    { exchange, routingKey, messages, requestId, trace }: Publication,
    signal: Ending,
  ): Promise<readonly PublishResult[]> {
    const publishedAt = this.#clock.now();
    // One request with one message is one attempt, so its name serves as the message's.
    const spareId = messages.length === 1 ? requestId : undefined;
    const stamped = messages.map(({ id, body, contentType, headers, subject }) => ({
      id: id || (spareId ?? randomUUID()),
      body,
      contentType,
      headers: stampedHeaders(headers, trace),
      subject,
      publishedAt,
    }));
    const outcomes = await within(this.#clock, publishDeadlineMs, signal, async (patience) => {
      // As long as the driver works on it, whoever waits for that.
      using _room = this.#room.take(stamped.reduce((bytes, message) => bytes + messageBytes(message), 0));
      return await this.#broker.publish(namespace, { exchange, routingKey }, stamped, patience);
    });
    if (outcomes === overdue) {
      const outcome: PublishOutcome = { outcome: 'UNKNOWN', reason: 'the broker did not answer in time' };
      this.#published.UNKNOWN.add(stamped.length);
      return stamped.map(({ id }) => ({ id, outcome }));
    }
    return stamped.map(({ id }, index) => {
      const outcome = outcomes[index];
      if (!outcome) throw failure('INTERNAL', {}, { cause: new Error('the broker left out an outcome') });
      this.#published[outcome.outcome].add();
      return { id, outcome };
    });
  }

  #check({ namespace, exchange, routingKey, messages, requestId }: Publication): string {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.label('exchange', exchange, limits.keyBytes);
    if (exchange === '') check.name('routing_key', routingKey, limits.keyBytes);
    else check.label('routing_key', routingKey, limits.keyBytes);
    check.requestId(requestId);
    if (messages.length < 1 || messages.length > limits.batch) {
      check.add('messages', `has ${messages.length} messages; there must be from 1 to ${limits.batch}`);
    } else {
      for (const [index, message] of messages.entries()) {
        checkMessage(check, `messages[${index}]`, message, this.#maxBodyBytes);
      }
    }
    check.done();
    return space;
  }
}

function firstUnconfirmed(results: readonly PublishResult[]): string | undefined {
  return results.find(({ outcome }) => outcome.outcome !== 'CONFIRMED')?.outcome.outcome;
}
