/** With which arguments queues are declared, and what a broker says when there is one with others. */
import { preconditionFailed, replyCode } from '@connections/amqp';
import type { Queue } from '../../port/broker.ts';
import type { RabbitVersion } from './rabbit-version.ts';

/**
 * The broker's own limit stands behind ours, for consumers that do not come through this service. Where it counts returns
 * of what nobody looked at, it leaves this much room for them.
 */
export const uncountedReturns = 100;

/** A quorum queue without a limit puts what is returned at its end instead of its place. */
const unlimited = 1_000_000_000;

/** `deadLetters`: as the broker calls it. */
export function queueArguments(
  { deliveryLimit }: Queue,
  deadLetters: string | undefined,
  { everyReturnCounts }: RabbitVersion,
): Readonly<Record<string, string | number>> {
  const limit = deliveryLimit + (everyReturnCounts ? uncountedReturns : 0);
  return {
    'x-queue-type': 'quorum',
    'x-delivery-limit': deliveryLimit > 0 ? limit : unlimited,
    ...(deadLetters !== undefined && {
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': deadLetters,
      'x-dead-letter-strategy': 'at-least-once',
      // What at-least-once asks for; it takes effect where somebody bounds the queue by a policy.
      'x-overflow': 'reject-publish',
    }),
  };
}

/** The argument that is otherwise: `x-queue-type`, `durable`; undefined for an error of another kind. */
export function inequivalentArgument(error: unknown): string | undefined {
  if (replyCode(error) !== preconditionFailed) return undefined;
  return /inequivalent arg '([^']+)'/.exec((error as Error).message)?.[1] ?? 'arguments';
}
