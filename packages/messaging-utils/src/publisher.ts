/** Publishes messages and resolves when the broker has them. */
import { createClient } from '@connections/grpc';
import { messagingService } from '@connections/proto-utils';
import { PublishResponse_Outcome as Outcome } from '@connections/proto-utils/v1/messaging';
import { type MessagingAddress, openConnection } from './messaging-address.ts';
import { type Publisher, prepared } from './outgoing-message.ts';
import { PublishError, type Unconfirmed } from './publish-error.ts';
import { activeTrace, traceMetadata, withTrace } from './trace-context.ts';

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
