/** What publishers take, and what they promise, whichever way the messages go. */
import { randomUUID } from 'node:crypto';

export interface OutgoingMessage {
  /** Names the message for good: publish again with the same id when an outcome is unknown. @default a random one */
  readonly id?: string;
  /** Text is sent as UTF-8. */
  readonly body: Uint8Array | string;
  readonly contentType?: string;
  /** The active OpenTelemetry context is added, unless there is a `traceparent`. */
  readonly headers?: ReadonlyMap<string, string>;
  /** `category/id` of the task that the message is about. */
  readonly subject?: string;
}

export interface PublishOptions {
  readonly signal?: AbortSignal;
  /** @default 10 000 through the service, which gives up on its broker after 5 000; 5 000 directly */
  readonly timeoutMs?: number;
}

export interface Publisher extends Disposable {
  /**
   * Publishes one message or up to 256 and resolves with their ids once each is durable in every queue it was routed to.
   * Rejects with a PublishError when some are not, with a StatusError when the call failed as a whole: then with
   * UNAVAILABLE or DEADLINE_EXCEEDED they may be there all the same. Nothing is repeated.
   *
   * An empty exchange routes to the queue that the routing key names.
   */
  publish(
    exchange: string,
    routingKey: string,
    messages: OutgoingMessage | readonly OutgoingMessage[],
    options?: PublishOptions,
  ): Promise<readonly string[]>;
  /** Closes the connection, unless it was given. */
  close(): void;
}

/** With what was left out. */
export function prepared({ id, body, contentType, headers, subject }: OutgoingMessage) {
  return {
    id: id ?? randomUUID(),
    body: typeof body === 'string' ? Buffer.from(body) : body,
    contentType: contentType ?? '',
    headers: new Map(headers),
    subject: subject ?? '',
  };
}
