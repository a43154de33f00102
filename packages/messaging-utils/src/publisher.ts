/** Publishes messages and resolves when the broker has them. */
import { randomUUID } from 'node:crypto';
import { createClient } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import { PublishResponse_Outcome as Outcome } from '@connections/proto-utils/v1/messaging';
import { type MessagingAddress, openConnection } from './messaging-address.ts';
import { PublishError, type Unconfirmed } from './publish-error.ts';
import { activeTrace, traceMetadata, withTrace } from './trace-context.ts';

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
  /** @default 10 000 */
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

const outcomes = new Map<Outcome, Unconfirmed['outcome']>([
  [Outcome.OUTCOME_UNROUTABLE, 'UNROUTABLE'],
  [Outcome.OUTCOME_REJECTED, 'REJECTED'],
]);

export function createPublisher(options: MessagingAddress = {}): Publisher {
  const { channel, namespace, close } = openConnection(options);
  const client = createClient(messagingService, channel);
  return {
    async publish(exchange, routingKey, messages, { signal, timeoutMs = 10_000 } = {}) {
      const trace = activeTrace();
      const metadata = traceMetadata(trace);
      const batch = withTrace([messages].flat().map(prepared), trace);
      const { results } = await client.publish(
        { namespace, exchange, routingKey, messages: batch },
        { timeoutMs, ...(signal && { signal }), ...(metadata && { metadata }) },
      );
      const [first, ...others] = results
        .filter(({ outcome }) => outcome !== Outcome.OUTCOME_CONFIRMED)
        .map(
          ({ id, outcome, reason }) => ({ id, reason, outcome: outcomes.get(outcome) ?? 'UNKNOWN' }) as const,
        );
      if (first) throw new PublishError(first, others);
      return batch.map(({ id }) => id);
    },
    close,
    [Symbol.dispose]: close,
  };
}

function prepared({ id, body, contentType, headers, subject }: OutgoingMessage) {
  return {
    id: id ?? randomUUID(),
    body: typeof body === 'string' ? Buffer.from(body) : body,
    contentType: contentType ?? '',
    headers: new Map(headers),
    subject: subject ?? '',
  };
}
