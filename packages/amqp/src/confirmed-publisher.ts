/** Publishes over a supervised connection of its own, and tells of each message what became of it. */
import type { AmqpAddress, AmqpConnection } from './amqp-connection.ts';
import { AmqpLink } from './amqp-link.ts';
import { type AmqpMessage, type AmqpOutcome, type AmqpTarget, messageBytes } from './amqp-message.ts';
import { heeding } from './call-signal.ts';
import { ConfirmedChannel } from './confirmed-channel.ts';
import { KnownExchanges } from './known-exchanges.ts';
import { NotSentError } from './not-sent-error.ts';
import { PublishBatch } from './publish-batch.ts';
import { PublishBudget } from './publish-budget.ts';

export interface ConfirmedPublisherOptions {
  /** What operators see in the broker's list of connections. */
  readonly name: string;
  /** Where the broker is and who we are there, asked before each attempt to connect. Bounds itself. */
  readonly locate: (signal: AbortSignal) => Promise<AmqpAddress>;
  /** Sent and not confirmed, at once. @default 1 000 */
  readonly maxMessages?: number;
  /** Of those. @default 64 MiB */
  readonly maxBytes?: number;
}

export interface Patience {
  /** From the call: what is not known by then is UNKNOWN. Any length. */
  readonly timeoutMs: number;
  /** Ends it sooner. */
  readonly signal?: AbortSignal | undefined;
}

/** What setTimeout holds, 24.8 days; beyond it, it fires at once. */
const longestMs = 2 ** 31 - 1;

interface Session {
  readonly connection: AmqpConnection;
  readonly channel: ConfirmedChannel;
  readonly exchanges: KnownExchanges;
}

export class ConfirmedPublisher implements AsyncDisposable {
  /** What it publishes over; others may have channels of their own on it. */
  readonly link: AmqpLink;
  readonly #budget: PublishBudget;
  /** Undefined while no channel is open. */
  #session: Session | undefined;
  #opening: Promise<void> = Promise.resolve();

  constructor({ name, locate, maxMessages = 1_000, maxBytes = 67_108_864 }: ConfirmedPublisherOptions) {
    this.#budget = new PublishBudget(maxMessages, maxBytes);
    this.link = new AmqpLink({ name, locate, prepare: (connection) => this.#open(connection) });
  }

  /** What waits for a confirm. */
  get inFlight(): { readonly messages: number; readonly bytes: number } {
    const { messages, bytes } = this.#budget;
    return { messages, bytes };
  }

  /**
   * Resolves with an outcome for each message, in their order: never later than its patience lasts. Rejects with a
   * NotSentError, or the reason of the signal, when nothing was sent. The messages are such as the protocol can carry.
   */
  async publish(
    target: AmqpTarget,
    messages: readonly AmqpMessage[],
    patience: Patience,
  ): Promise<readonly AmqpOutcome[]> {
    patience.signal?.throwIfAborted();
    const bytes = bytesOf(messages);
    if (!this.#budget.take(messages.length, bytes)) {
      throw new NotSentError('full', 'too many messages wait for their confirm');
    }
    return this.#send(target, messages, bytes, patience);
  }

  /** Past the bounds, for what must not be refused for want of room; the room it takes is counted. */
  async place(
    target: AmqpTarget,
    messages: readonly AmqpMessage[],
    patience: Patience,
  ): Promise<readonly AmqpOutcome[]> {
    patience.signal?.throwIfAborted();
    const bytes = bytesOf(messages);
    this.#budget.force(messages.length, bytes);
    return this.#send(target, messages, bytes, patience);
  }

  /** What is not confirmed stays unknown. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.link[Symbol.asyncDispose]();
  }

  /** Their room in the budget is taken. */
  async #send(
    target: AmqpTarget,
    messages: readonly AmqpMessage[],
    bytes: number,
    patience: Patience,
  ): Promise<readonly AmqpOutcome[]> {
    const until = performance.now() + patience.timeoutMs;
    let session = this.#session;
    try {
      if (!session?.exchanges.has(target.exchange)) {
        session = await patiently(this.#sessionWith(target.exchange), patience);
      }
      checkTaking(session);
    } catch (error) {
      this.#budget.give(messages.length, bytes);
      throw error;
    }
    const batch = new PublishBatch(messages.length);
    session.channel.send(target, messages, batch);
    return inTime(batch, until - performance.now(), patience.signal);
  }

  async #sessionWith(exchange: string): Promise<Session> {
    await this.link.reach();
    await this.#opening;
    const session = this.#session;
    if (!session) throw lost();
    // It does not answer either, then.
    checkTaking(session);
    const found = await session.exchanges.find(exchange).catch((cause) => {
      throw lost(cause);
    });
    if (!found) throw new NotSentError('no-exchange', `there is no exchange ${exchange}`);
    return session;
  }

  async #open(connection: AmqpConnection): Promise<void> {
    const channel = await connection.openConfirmChannel();
    const confirmed = new ConfirmedChannel(channel, this.#budget);
    const session = { connection, channel: confirmed, exchanges: new KnownExchanges(connection) };
    this.#session = session;
    // The broker closes a channel over what was sent on it; others on the connection go on. When it is the connection that
    // has ended, amqplib takes new channels until the end of this turn, and never answers them.
    channel.on('close', () => {
      if (this.#session === session) this.#session = undefined;
      this.#opening = Promise.resolve()
        .then(() => this.#open(connection))
        .catch(() => connection.destroy());
    });
  }
}

function checkTaking({ connection: { blocked } }: Session): void {
  if (blocked === undefined) return;
  throw new NotSentError('blocked', `the broker takes no messages: ${blocked}`, { cause: blocked });
}

function lost(cause?: unknown): NotSentError {
  return new NotSentError('unreachable', 'the connection to the broker was lost', { cause });
}

function bytesOf(messages: readonly AmqpMessage[]): number {
  let bytes = 0;
  for (const message of messages) bytes += messageBytes(message);
  return bytes;
}

async function inTime(
  batch: PublishBatch,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly AmqpOutcome[]> {
  const timer = setTimeout(
    () => batch.giveUp('the broker did not answer in time'),
    Math.min(timeoutMs, longestMs),
  );
  const abort = () => batch.giveUp('nobody waited for the answer');
  signal?.addEventListener('abort', abort);
  try {
    return await batch.outcomes;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Before anything is sent. */
async function patiently<T>(work: Promise<T>, { timeoutMs, signal }: Patience): Promise<T> {
  const late = new AbortController();
  const reason = new NotSentError('unreachable', 'there was no connection to the broker in time');
  const timer = setTimeout(() => late.abort(reason), Math.min(timeoutMs, longestMs));
  try {
    return await heeding(signal ? AbortSignal.any([signal, late.signal]) : late.signal, work);
  } finally {
    clearTimeout(timer);
  }
}
