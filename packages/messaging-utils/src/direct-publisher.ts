/** Publishes to RabbitMQ itself, with the parameters that the Messaging service hands out. */
import {
  type AmqpMessage,
  type AmqpOutcome,
  type AmqpTarget,
  ConfirmedPublisher,
  encodeHeaders,
  messageTrouble,
  NotSentError,
  type NotSentWhy,
  targetTrouble,
} from '@connections/amqp';
import { createClient, type FailureStatus, isStatusError, StatusError } from '@connections/grpc';
import { wireMessagingService } from '@connections/proto-utils';
import type { ExchangeInfo } from '@connections/proto-utils/wire/dtypes';
import { BrokerParameters } from './broker-parameters.ts';
import { type MessagingAddress, openConnection } from './messaging-address.ts';
import { type Publisher, prepared } from './outgoing-message.ts';
import { PublishError, type Unconfirmed } from './publish-error.ts';
import { activeTrace, headersWithTrace } from './trace-context.ts';

/** Of the Messaging service; what is published is in its namespace `default`. */
export interface DirectAddress extends Omit<MessagingAddress, 'namespace'> {
  /** The broker's port speaks TLS; its certificate is checked against what Node trusts. @default for port 5671 */
  readonly tls?: boolean;
  /** Sent and not confirmed at once; beyond it publishing is RESOURCE_EXHAUSTED. @default 1 000 */
  readonly maxMessages?: number;
  /** Of those, bodies and headers. @default 64 MiB */
  readonly maxBytes?: number;
}

/**
 * The methods and outcomes of a Publisher, over a connection to the broker that is made again for as long as it takes. A
 * StatusError means that nothing was sent, CANCELLED excepted: UNAVAILABLE while there is no connection, RESOURCE_EXHAUSTED
 * while the broker takes no messages or too many wait for their confirm, and what the service answers when it hands out no
 * parameters. What is sent and not confirmed within its time is UNKNOWN.
 */
export interface DirectPublisher extends Publisher {
  /** The exchange and the queues of the wire contract, as the service has them. */
  topology(options?: { readonly signal?: AbortSignal }): Promise<ExchangeInfo>;
}

/** As in the service's publish requests. */
const maxBatch = 256;

const statuses: Readonly<Record<NotSentWhy, FailureStatus>> = {
  unreachable: 'UNAVAILABLE',
  blocked: 'RESOURCE_EXHAUSTED',
  full: 'RESOURCE_EXHAUSTED',
  'no-exchange': 'NOT_FOUND',
  closed: 'FAILED_PRECONDITION',
};

/** Connects at once, and until it is closed. */
export function createDirectPublisher(options: DirectAddress = {}): DirectPublisher {
  const { channel, close: closeChannel } = openConnection(options);
  const { tls, maxMessages, maxBytes } = options;
  const parameters = new BrokerParameters(createClient(wireMessagingService, channel), tls);
  const broker = new ConfirmedPublisher({
    name: 'connections direct publisher',
    locate: (signal) => parameters.locate(signal),
    ...(maxMessages !== undefined && { maxMessages }),
    ...(maxBytes !== undefined && { maxBytes }),
  });
  const close = () => {
    void broker[Symbol.asyncDispose]();
    closeChannel();
  };
  return {
    async publish(exchange, routingKey, messages, { signal, timeoutMs = 5_000 } = {}) {
      const trace = activeTrace();
      const publishedAt = Date.now();
      const batch = [messages].flat().map((message): AmqpMessage => {
        const { id, body, contentType, headers, subject } = prepared(message);
        const table = encodeHeaders(headersWithTrace(headers, trace), subject);
        return { id, body, contentType, headers: table, publishedAt };
      });
      const target = { exchange, routingKey };
      check(target, batch);
      let outcomes: readonly AmqpOutcome[];
      try {
        outcomes = await broker.publish(target, batch, { timeoutMs, signal });
      } catch (error) {
        throw signal?.aborted ? cancelled(signal) : statusOf(error);
      }
      const [first, ...others] = unconfirmedOf(batch, outcomes);
      if (first && signal?.aborted) throw cancelled(signal);
      if (first) throw new PublishError(first, others);
      return batch.map(({ id }) => id);
    },
    topology: ({ signal } = {}) => parameters.topology(signal),
    close,
    [Symbol.dispose]: close,
  };
}

function check(target: AmqpTarget, batch: readonly AmqpMessage[]): void {
  const trouble = batchTrouble(batch) ?? targetTrouble(target) ?? batch.map(messageTrouble).find(Boolean);
  if (trouble) throw new StatusError('INVALID_ARGUMENT', trouble);
}

function batchTrouble({ length }: readonly AmqpMessage[]): string | undefined {
  if (length >= 1 && length <= maxBatch) return undefined;
  return `there are ${length} messages; there must be from 1 to ${maxBatch}`;
}

function unconfirmedOf(batch: readonly AmqpMessage[], outcomes: readonly AmqpOutcome[]): Unconfirmed[] {
  const unconfirmed: Unconfirmed[] = [];
  outcomes.forEach((told, place) => {
    const message = batch[place];
    if (told.outcome === 'CONFIRMED' || !message) return;
    const reason = 'reason' in told ? told.reason : 'no queue is bound for the routing key';
    unconfirmed.push({ id: message.id, outcome: told.outcome, reason });
  });
  return unconfirmed;
}

function cancelled({ reason }: AbortSignal): StatusError {
  return new StatusError('CANCELLED', 'the publish was cancelled', { cause: reason });
}

/** What the service answered instead of parameters is what stands in the way, and says what to do. */
function statusOf(error: unknown): unknown {
  if (!(error instanceof NotSentError)) return error;
  const { why, message, cause } = error;
  if (isStatusError(cause)) {
    return new StatusError(cause.status, cause.message, { details: cause.details, cause: error });
  }
  const said = why === 'unreachable' && cause instanceof Error ? `${message}: ${cause.message}` : message;
  return new StatusError(statuses[why], said, { cause: error });
}
