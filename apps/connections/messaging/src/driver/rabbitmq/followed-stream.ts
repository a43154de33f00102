/** A stream of the broker that every service appends to and follows from its beginning: what they know together. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AmqpConnection,
  type AmqpLink,
  accessRefused,
  type Channel,
  heeding,
  notImplemented,
  preconditionFailed,
  replyCode,
} from '@connections/amqp';
import { connectionOf, unreachable } from './rabbit-errors.ts';
import type { RabbitPublisher } from './rabbit-publisher.ts';

export interface FollowedStreamParts {
  readonly name: string;
  /** Beside its type. */
  readonly arguments: Readonly<Record<string, string | number>>;
  /** It is followed on it. */
  readonly link: AmqpLink;
  readonly publisher: RabbitPublisher;
  /** Before the first record of each connection. */
  onBegin(): void;
  onRecord(body: Buffer): void;
  /** When everything is read that was there at the connection. */
  onRead(): void;
}

const readAhead = 1_000;
const retryMs = 500;
/** A connection that is there has its stream by then, or something is wrong with it. */
const placedMs = 4_500;
/** A record of the stream's own: who wrote it knows when it comes by that everything before it was read. */
const markPrefix = 'mark ';

export class FollowedStream implements AsyncDisposable {
  readonly #parts: FollowedStreamParts;
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;
  /** Those that wait to be read. */
  readonly #marks = new Map<string, { resolve(): void; reject(reason: unknown): void }>();
  #catchingUp: Promise<void> | undefined;
  /** Ends when the stream has been there, or is known not to be had. */
  readonly #placing: Promise<void>;
  #endPlacing: () => void = () => {};
  #isPlaced = false;
  #missing: string | undefined;

  constructor(parts: FollowedStreamParts) {
    this.#parts = parts;
    this.#placing = new Promise((resolve) => {
      this.#endPlacing = resolve;
    });
    this.#following = this.#follow();
  }

  /** Why it cannot be used; undefined while it can. */
  get missing(): string | undefined {
    return this.#missing;
  }

  /** Resolves when it is confirmed; at once where the stream cannot be used. */
  async append(body: string, signal?: AbortSignal): Promise<void> {
    if (!this.#isPlaced) await this.#waitForPlacing(signal);
    if (this.#missing !== undefined) return;
    const target = { exchange: '', routingKey: this.#parts.name };
    const message = {
      id: '',
      body: Buffer.from(body),
      contentType: '',
      headers: {},
      publishedAt: Date.now(),
    };
    const [result] = await this.#parts.publisher.place(target, [message], signal);
    if (result?.outcome !== 'CONFIRMED') throw unreachable(new Error(`${this.#parts.name} did not confirm`));
  }

  /** What is sent to a stream that is not there yet would reach nobody. */
  async #waitForPlacing(signal: AbortSignal | undefined): Promise<void> {
    connectionOf(this.#parts.link);
    const late = AbortSignal.timeout(placedMs);
    try {
      await heeding(signal ? AbortSignal.any([signal, late]) : late, this.#placing);
    } catch (error) {
      signal?.throwIfAborted();
      throw unreachable(error);
    }
  }

  /** Resolves when everything is read that anybody's `append` had resolved for. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    if (this.#missing !== undefined) return;
    // One that is under way may have been marked before what its caller asks for.
    if (this.#catchingUp)
      await heeding(
        signal,
        this.#catchingUp.catch(() => {}),
      );
    this.#catchingUp ??= this.#mark().finally(() => {
      this.#catchingUp = undefined;
    });
    await heeding(signal, this.#catchingUp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('closed'));
    await this.#following;
  }

  async #mark(): Promise<void> {
    const { signal } = this.#closing;
    const mark = markPrefix + randomUUID();
    const seen = new Promise<void>((resolve, reject) => this.#marks.set(mark, { resolve, reject }));
    seen.catch(() => {});
    try {
      await this.append(mark, signal);
      await heeding(signal, seen);
    } finally {
      this.#marks.delete(mark);
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const connection = await this.#parts.link.ready(signal);
        // A broker that leaves a question unanswered must not hold up the end.
        await heeding(
          signal,
          this.#missing === undefined ? this.#read(connection) : this.#doWithout(connection),
        );
      } catch (error) {
        this.#note(error);
      }
      await sleep(retryMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #read(connection: AmqpConnection): Promise<void> {
    const channel = await connection.openChannel();
    try {
      await this.#readOn(channel, endOf(channel, connection));
    } finally {
      for (const { reject } of this.#marks.values()) reject(unreachable(new Error('the stream was lost')));
      channel.close().catch(() => {});
    }
  }

  async #readOn(channel: Channel, ended: Promise<never>): Promise<void> {
    const { name, arguments: more, onBegin, onRecord, onRead } = this.#parts;
    await channel.assertQueue(name, { arguments: { 'x-queue-type': 'stream', ...more } });
    this.#endPlacing();
    this.#isPlaced = true;
    await channel.prefetch(readAhead);
    onBegin();
    const take = (body: Buffer) => {
      if (!body.toString('latin1', 0, markPrefix.length).startsWith(markPrefix)) onRecord(body);
      else this.#marks.get(body.toString())?.resolve();
    };
    await channel.consume(
      name,
      (message) => {
        if (!message) {
          // The stream is gone, or has moved to another node.
          channel.close().catch(() => {});
          return;
        }
        take(message.content);
        channel.ack(message);
      },
      { arguments: { 'x-stream-offset': 'first' } },
    );
    await Promise.race([this.#mark(), ended]);
    onRead();
    await heeding(this.#closing.signal, ended);
  }

  async #doWithout(connection: AmqpConnection): Promise<void> {
    this.#parts.onRead();
    await heeding(this.#closing.signal, connection.ended);
  }

  /** A stream that cannot be had must not keep the rest from working. */
  #note(error: unknown): void {
    const code = replyCode(error);
    const lacking = [accessRefused, preconditionFailed, notImplemented];
    if (code === undefined || !lacking.includes(code)) return;
    this.#missing =
      `the stream ${this.#parts.name} cannot be used (${(error as Error).message}): ` +
      'let the user configure, write and read it, and enable the feature flag stream_queue';
    this.#endPlacing();
    this.#isPlaced = true;
  }
}

/** Rejects when the channel or its connection has ended. */
function endOf(channel: Channel, connection: AmqpConnection): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    channel.on('error', reject);
    channel.on('close', () => reject(new Error('the channel has ended')));
    void connection.ended.then(reject);
  });
  ended.catch(() => {});
  return ended;
}
