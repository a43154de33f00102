/** Publishes messages and says of each what became of it. */
import { randomUUID } from 'node:crypto';
import { type Clock, limits } from '@connections/runtime';
import { failure, RequestCheck } from '@connections/runtime/errors';
import type { Broker, PublishOutcome } from '../port/broker.ts';
import { overdue, within } from './deadline.ts';
import { checkMessage, type NewMessage } from './message-check.ts';

/** A broker that has not confirmed by then may still do so: the outcome is unknown. */
const publishDeadlineMs = 5_000;

export interface Publication {
  readonly namespace: string;
  /** Empty: `routingKey` is the name of a queue. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly messages: readonly NewMessage[];
  readonly requestId: string | undefined;
}

export interface PublishResult {
  readonly id: string;
  readonly outcome: PublishOutcome;
}

export interface PublishServiceOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
}

export class PublishService {
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #maxBodyBytes: number;

  constructor({ broker, clock, maxBodyBytes }: PublishServiceOptions) {
    this.#broker = broker;
    this.#clock = clock;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** One result for each message, in their order. A message that reached no queue is a result, not a failure. */
  async publish(publication: Publication, signal: AbortSignal): Promise<readonly PublishResult[]> {
    const namespace = this.#check(publication);
    const { exchange, routingKey, messages } = publication;
    const publishedAt = this.#clock.now();
    // One request with one message is one attempt, so its name serves as the message's.
    const spareId = messages.length === 1 ? publication.requestId : undefined;
    const stamped = messages.map(({ id, body, contentType, headers, subject }) => ({
      id: id || (spareId ?? randomUUID()),
      body,
      contentType,
      headers,
      subject,
      publishedAt,
    }));
    const outcomes = await within(this.#clock, publishDeadlineMs, signal, (patience) =>
      this.#broker.publish(namespace, { exchange, routingKey }, stamped, patience),
    );
    if (outcomes === overdue) {
      const outcome: PublishOutcome = { outcome: 'UNKNOWN', reason: 'the broker did not answer in time' };
      return stamped.map(({ id }) => ({ id, outcome }));
    }
    return stamped.map(({ id }, index) => {
      const outcome = outcomes[index];
      if (!outcome) throw failure('INTERNAL', {}, { cause: new Error('the broker left out an outcome') });
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
