/** Publishes over a connection of its own, and says in the port's terms why nothing was sent. */
import {
  type AmqpAddress,
  type AmqpLink,
  type AmqpMessage,
  type AmqpTarget,
  ConfirmedPublisher,
  NotSentError,
} from '@connections/amqp';
import { limits } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { PublishOutcome } from '../../port/broker.ts';
import { closed, connectionOf, unreachable } from './rabbit-errors.ts';

/** Not confirmed by then, nobody knows: before the call's own budget ends, so that what was confirmed is told. */
const confirmMs = 4_500;
/** What nobody waits for any more may still be on its way: the bounds of the calls do not do. */
const { unconfirmedMessages: maxMessages, publishingBytes: maxBytes } = limits;

export class RabbitPublisher implements AsyncDisposable {
  readonly #confirmed: ConfirmedPublisher;

  constructor(address: AmqpAddress, name: string) {
    this.#confirmed = new ConfirmedPublisher({ name, locate: async () => address, maxMessages, maxBytes });
  }

  get link(): AmqpLink {
    return this.#confirmed.link;
  }

  /**
   * One outcome for each message, in order. Rejects with RESOURCE_EXHAUSTED when the broker takes nothing, or too much
   * waits; an exchange that is not there `isMissing`.
   */
  publish(
    target: AmqpTarget,
    messages: readonly AmqpMessage[],
    signal: AbortSignal,
  ): Promise<readonly PublishOutcome[]> {
    return this.#send('publish', target, messages, signal);
  }

  /** Past the bounds: for what a settlement puts elsewhere, which must not be refused for want of room. */
  place(
    target: AmqpTarget,
    messages: readonly AmqpMessage[],
    signal?: AbortSignal,
  ): Promise<readonly PublishOutcome[]> {
    return this.#send('place', target, messages, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#confirmed[Symbol.asyncDispose]();
  }

  async #send(
    way: 'publish' | 'place',
    target: AmqpTarget,
    messages: readonly AmqpMessage[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PublishOutcome[]> {
    // Without a connection nothing waits for the next one.
    connectionOf(this.link);
    try {
      const outcomes = await this.#confirmed[way](target, messages, { timeoutMs: confirmMs, signal });
      signal?.throwIfAborted();
      return outcomes;
    } catch (error) {
      throw error instanceof NotSentError ? refusal(error) : error;
    }
  }
}

function refusal(error: NotSentError): Error {
  switch (error.why) {
    case 'unreachable':
      return unreachable(error);
    case 'blocked':
      return failure('BROKER_BLOCKED', { why: String(error.cause) });
    case 'full':
      return failure('TOO_MUCH_UNCONFIRMED', { limit: `${maxMessages} messages or ${maxBytes} bytes` });
    case 'no-exchange':
      return error;
    case 'closed':
      return closed();
  }
}
