/** Dead letters: the headers of the port, and what the broker itself says of those that it moved. */
import type { ReceivedTable } from '@connections/amqp';
import { logicalName } from './rabbit-names.ts';

/** The reason of a message that failed as often as its queue lets it; the broker's own word for it is the same. */
export const deliveryLimitReason = 'delivery_limit';

export interface Death {
  readonly reason: string;
  readonly queue: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface BrokersDeath extends Death {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Overwrites those of an earlier life. */
export function withDeath(headers: Map<string, string>, { reason, queue, at }: Death): Map<string, string> {
  return headers
    .set('x-death-reason', reason)
    .set('x-death-queue', queue)
    .set('x-death-time', new Date(at).toISOString());
}

/**
 * The last death at the broker's hands: at its own delivery limit, or by another consumer's rejection. The header does
 * not outlive a publication by this driver, so where it is it tells of what came later.
 */
export function deathOf(namespace: string, table: ReceivedTable): BrokersDeath | undefined {
  const deaths = table['x-death'];
  const death: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  if (typeof death !== 'object' || death === null) return undefined;
  const { reason, queue, time, exchange, 'routing-keys': keys } = death as Record<string, unknown>;
  if (typeof reason !== 'string' || typeof queue !== 'string') return undefined;
  const from = typeof exchange === 'string' ? logicalName(namespace, exchange) : '';
  const key: unknown = Array.isArray(keys) ? keys[0] : undefined;
  const routingKey = typeof key === 'string' ? key : '';
  return {
    reason,
    queue: logicalName(namespace, queue),
    at: 1_000 * secondsOf(time),
    exchange: from,
    routingKey: from === '' ? logicalName(namespace, routingKey) : routingKey,
  };
}

function secondsOf(time: unknown): number {
  const seconds: unknown = typeof time === 'object' && time !== null && 'value' in time ? time.value : time;
  // Beyond this no date can be made of it.
  return typeof seconds === 'number' && seconds >= 0 && seconds <= 8.64e12 ? seconds : 0;
}
