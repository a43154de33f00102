/** Carries out verdicts on the deliveries of one queue. */
import type { Queue, Verdict } from '../../port/broker.ts';
import type { Held } from './delivery-buffer.ts';
import type { FailureLog } from './failure-log.ts';
import type { RabbitDeadLetters } from './rabbit-dead-letters.ts';
import { deliveryLimitReason } from './rabbit-death.ts';

export interface SettlementParts {
  readonly namespace: string;
  readonly properties: Queue;
  /** As the broker calls the queue. */
  readonly physical: string;
  readonly failures: FailureLog;
  readonly deadLetters: RabbitDeadLetters;
}

export class RabbitSettlement {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** False when the broker has the delivery back already. When it rejects, the delivery is still out. */
  async settle(held: Held, verdict: Verdict): Promise<boolean> {
    if (held.attachment.hasEnded) return false;
    switch (verdict.verdict) {
      case 'ack':
        return this.#ack(held);
      case 'dead-letter':
        return this.#bury(held, verdict.reason);
      case 'requeue':
        return verdict.counts ? this.#fail(held) : this.giveBack(held);
    }
  }

  /** Unseen: on brokers from 4.3 on this does not count towards their own limit. */
  giveBack({ attachment, channelTag }: Held): boolean {
    return attachment.nack(channelTag);
  }

  /** Which attempt it is; as far as the broker counts for a message that has nothing to be known by. */
  attemptOf({ incoming: { key, returns, redelivered } }: Held): number {
    if (key !== undefined) return this.#parts.failures.of(this.#parts.physical, key) + 1;
    return redelivered ? Math.max(returns, 1) + 1 : 1;
  }

  #ack({ attachment, channelTag, incoming: { key } }: Held): boolean {
    if (key !== undefined) this.#parts.failures.forget(this.#parts.physical, key);
    return attachment.ack(channelTag);
  }

  async #fail(held: Held): Promise<boolean> {
    const { properties, physical, failures } = this.#parts;
    const { attachment, channelTag, incoming } = held;
    const attempt = held.attempt ?? this.attemptOf(held);
    const { deliveryLimit } = properties;
    if (deliveryLimit > 0 && attempt >= deliveryLimit) return this.#bury(held, deliveryLimitReason);
    if (incoming.key !== undefined) await failures.record(physical, incoming.key, attempt);
    return attachment.reject(channelTag);
  }

  /** Its copy first: a crash between the two leaves both. */
  async #bury(held: Held, reason: string): Promise<boolean> {
    const { namespace, properties, deadLetters } = this.#parts;
    await deadLetters.bury(namespace, properties, held.incoming, reason);
    return this.#ack(held);
  }
}
