/** The outcomes of messages that were published together, as they come in. */
import type { AmqpOutcome } from './amqp-message.ts';

export class PublishBatch {
  /** One for each message, in their order, when all are known or it was given up. */
  readonly outcomes: Promise<readonly AmqpOutcome[]>;
  readonly #known: (AmqpOutcome | undefined)[];
  #left: number;
  #resolve: (outcomes: readonly AmqpOutcome[]) => void = () => {};

  constructor(messages: number) {
    this.#known = new Array(messages).fill(undefined);
    this.#left = messages;
    this.outcomes = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (messages === 0) this.giveUp('');
  }

  /** The first word on a message is the last. */
  tell(place: number, outcome: AmqpOutcome): void {
    if (this.#known[place]) return;
    this.#known[place] = outcome;
    this.#left -= 1;
    if (this.#left === 0) this.giveUp('');
  }

  /** What is not known by now stays unknown. */
  giveUp(reason: string): void {
    this.#left = 0;
    this.#resolve(this.#known.map((outcome) => outcome ?? { outcome: 'UNKNOWN', reason }));
  }
}
