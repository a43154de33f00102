/** Puts messages that are given up into their dead-letter queue, with what is to be known of them. */

import type { Clock } from '@connections/runtime';
import type { Queue } from '../../port/broker.ts';
import { withDeath } from './rabbit-death.ts';
import { unreachable } from './rabbit-errors.ts';
import { type Incoming, toAmqp } from './rabbit-message.ts';
import { physicalName } from './rabbit-names.ts';
import type { RabbitPublisher } from './rabbit-publisher.ts';

export interface DeadLettersParts {
  readonly publisher: RabbitPublisher;
  readonly clock: Clock;
}

/**
 * The copy is confirmed before its original is acknowledged: a crash between leaves both, never neither. The broker's own
 * dead-lettering has no room for a reason.
 */
export class RabbitDeadLetters {
  readonly #publisher: RabbitPublisher;
  readonly #clock: Clock;

  constructor({ publisher, clock }: DeadLettersParts) {
    this.#publisher = publisher;
    this.#clock = clock;
  }

  /** Dropped where the queue has no dead-letter queue. */
  async bury(namespace: string, queue: Queue, letter: Incoming, reason: string): Promise<void> {
    if (queue.deadLetterQueue === undefined) return;
    const death = { reason, queue: queue.name, at: this.#clock.now() };
    const headers = withDeath(new Map(letter.message.headers), death);
    await this.#place(namespace, queue.deadLetterQueue, {
      ...letter,
      message: { ...letter.message, headers },
    });
  }

  async #place(namespace: string, queue: string, letter: Incoming): Promise<void> {
    const { exchange, routingKey, message } = letter;
    const physical = physicalName(namespace, queue) ?? '';
    const copy = toAmqp(message, { exchange, routingKey });
    const [result] = await this.#publisher.place({ exchange: '', routingKey: physical }, [copy]);
    if (result?.outcome !== 'CONFIRMED') {
      throw unreachable(new Error(`queue ${queue} did not confirm a message: ${result?.outcome}`));
    }
  }
}
