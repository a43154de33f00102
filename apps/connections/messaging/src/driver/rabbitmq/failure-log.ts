/**
 * How often messages have failed, kept on the broker: its own counters count returns of what nobody looked at, too, or
 * nothing, and a message that waits in a queue cannot be written to.
 */
import type { AmqpLink } from '@connections/amqp';
import { FollowedStream } from './followed-stream.ts';
import { failureStream } from './rabbit-names.ts';
import type { RabbitPublisher } from './rabbit-publisher.ts';

/** What the stream keeps, and so what a start has to read; a failure that is let go is one that does not count. */
const maxBytes = 16_777_216;
const segmentBytes = 1_048_576;
/** Messages whose failures are known; beyond them the longest untouched is forgotten. */
const maxMessages = 131_072;

export interface FailureLogParts {
  readonly link: AmqpLink;
  readonly publisher: RabbitPublisher;
}

export class FailureLog implements AsyncDisposable {
  readonly #stream: FollowedStream;
  readonly #failures = new Map<string, number>();

  constructor({ link, publisher }: FailureLogParts) {
    this.#stream = new FollowedStream({
      name: failureStream,
      arguments: { 'x-max-length-bytes': maxBytes, 'x-stream-max-segment-size-bytes': segmentBytes },
      link,
      publisher,
      onBegin: () => {},
      onRecord: (body) => this.#take(body.toString()),
      onRead: () => {},
    });
  }

  /** Why failures are known to this process alone; undefined where they are kept on the broker. */
  get concern(): string | undefined {
    const { missing } = this.#stream;
    return missing && `failures of messages are forgotten when this process ends: ${missing}`;
  }

  /** What is known at the moment. */
  of(queue: string, key: string): number {
    return this.#failures.get(entryOf(queue, key)) ?? 0;
  }

  /** Has everything known that others recorded before they returned a message. */
  caughtUp(signal: AbortSignal): Promise<void> {
    return this.#stream.caughtUp(signal);
  }

  /** To be awaited before the message is returned. */
  async record(queue: string, key: string, failures: number): Promise<void> {
    await this.#stream.append(`${failures} ${entryOf(queue, key)}`);
    this.#know(entryOf(queue, key), failures);
  }

  forget(queue: string, key: string): void {
    this.#failures.delete(entryOf(queue, key));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stream[Symbol.asyncDispose]();
  }

  #take(record: string): void {
    const space = record.indexOf(' ');
    const failures = Number(record.slice(0, space));
    if (space > 0 && Number.isSafeInteger(failures)) this.#know(record.slice(space + 1), failures);
  }

  #know(entry: string, failures: number): void {
    const most = Math.max(failures, this.#failures.get(entry) ?? 0);
    this.#failures.delete(entry);
    this.#failures.set(entry, most);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > maxMessages && oldest !== undefined) this.#failures.delete(oldest);
  }
}

/** A queue's name cannot hold the line end: names have no control characters. */
function entryOf(queue: string, key: string): string {
  return `${queue}\n${key}`;
}
