/** Publishes on one channel and learns of every message what became of it: confirms and returns, joined. */
import type { ConfirmChannel, Message } from 'amqplib';
import {
  type AmqpMessage,
  type AmqpOutcome,
  type AmqpTarget,
  messageBytes,
  properties,
} from './amqp-message.ts';
import { ownHeaders } from './message-headers.ts';
import type { PublishBatch } from './publish-batch.ts';
import type { PublishBudget } from './publish-budget.ts';

interface InFlight {
  readonly target: AmqpTarget;
  readonly id: string;
  readonly key: unknown;
  readonly bytes: number;
  readonly batch: PublishBatch;
  readonly place: number;
  returned: boolean;
}

const confirmed: AmqpOutcome = { outcome: 'CONFIRMED' };
const unroutable: AmqpOutcome = { outcome: 'UNROUTABLE' };
const refused: AmqpOutcome = { outcome: 'REJECTED', reason: 'the broker refused it: the queue may be full' };

export class ConfirmedChannel {
  readonly #channel: ConfirmChannel;
  readonly #budget: PublishBudget;
  /** By delivery tag, which the broker counts as we do: from 1, each message that was sent. In their order. */
  readonly #inFlight = new Map<number, InFlight>();
  #sent = 0;
  #failure = 'the connection was lost';

  constructor(channel: ConfirmChannel, budget: PublishBudget) {
    this.#channel = channel;
    this.#budget = budget;
    channel.on('ack', ({ deliveryTag, multiple }) => this.#settle(deliveryTag, multiple, confirmed));
    channel.on('nack', ({ deliveryTag, multiple }) => this.#settle(deliveryTag, multiple, refused));
    channel.on('return', (message) => this.#return(message));
    channel.on('error', (error) => {
      this.#failure = error.message;
    });
    channel.on('close', () => this.#lose());
  }

  /** Their room in the budget is taken, and is given back when nothing can come any more. */
  send(target: AmqpTarget, messages: readonly AmqpMessage[], batch: PublishBatch): void {
    messages.forEach((message, place) => {
      const bytes = messageBytes(message);
      try {
        this.#publish(target, message);
      } catch (error) {
        this.#budget.give(1, bytes);
        const reason = error instanceof Error ? error.message : String(error);
        batch.tell(place, { outcome: 'UNKNOWN', reason });
        return;
      }
      this.#sent += 1;
      const { id, headers } = message;
      const key = headers[ownHeaders.key];
      this.#inFlight.set(this.#sent, { target, id, key, bytes, batch, place, returned: false });
    });
  }

  #publish({ exchange, routingKey }: AmqpTarget, message: AmqpMessage): void {
    const { body } = message;
    const content = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.length);
    this.#channel.publish(exchange, routingKey, content, properties(message));
  }

  #settle(deliveryTag: number, multiple: boolean, outcome: AmqpOutcome): void {
    if (multiple) {
      for (const tag of this.#inFlight.keys()) {
        if (tag >= deliveryTag) break;
        this.#settleOne(tag, outcome);
      }
    }
    this.#settleOne(deliveryTag, outcome);
  }

  #settleOne(tag: number, outcome: AmqpOutcome): void {
    const message = this.#inFlight.get(tag);
    if (!message) return;
    this.#inFlight.delete(tag);
    this.#budget.give(1, message.bytes);
    message.batch.tell(message.place, message.returned ? unroutable : outcome);
  }

  /**
   * Comes before the confirm and names no tag. The broker returns in the order of publishing, so of copies in flight the
   * first that was not returned is meant; were it another, they are one message all the same.
   */
  #return({ fields, properties: { messageId = '', headers } }: Message): void {
    const key: unknown = headers?.[ownHeaders.key];
    for (const message of this.#inFlight.values()) {
      const { exchange, routingKey } = message.target;
      if (message.id !== messageId || message.key !== key || message.returned) continue;
      if (exchange !== fields.exchange || routingKey !== fields.routingKey) continue;
      message.returned = true;
      return;
    }
  }

  #lose(): void {
    for (const [tag, { batch, place, bytes }] of this.#inFlight) {
      this.#inFlight.delete(tag);
      this.#budget.give(1, bytes);
      batch.tell(place, { outcome: 'UNKNOWN', reason: this.#failure });
    }
  }
}
