/** The records of the stream of declarations, as JSON text. */
import type { Topology } from '../../port/broker.ts';

export interface TopologyRecord {
  readonly namespace: string;
  readonly topology: Topology;
}

export function recordText(namespace: string, { exchanges, queues, bindings }: Topology): string {
  return JSON.stringify({ namespace, exchanges, queues, bindings });
}

/** Undefined for what is none of ours, or of a later version. */
export function parseRecord(body: Buffer): TopologyRecord | undefined {
  try {
    const record: unknown = JSON.parse(body.toString());
    if (!isObject(record)) return undefined;
    const { namespace, exchanges, queues, bindings } = record;
    if (typeof namespace !== 'string') return undefined;
    return {
      namespace,
      topology: {
        exchanges: listOf(exchanges, (exchange) => ({ name: text(exchange.name), type: 'topic' as const })),
        queues: listOf(queues, (queue) => ({
          name: text(queue.name),
          deliveryLimit: count(queue.deliveryLimit),
          deadLetterQueue: queue.deadLetterQueue === undefined ? undefined : text(queue.deadLetterQueue),
        })),
        bindings: listOf(bindings, (binding) => ({
          exchange: text(binding.exchange),
          queue: text(binding.queue),
          routingKey: text(binding.routingKey),
        })),
      },
    };
  } catch {
    return undefined;
  }
}

function listOf<T>(value: unknown, make: (entry: Record<string, unknown>) => T): T[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value.map((entry) => {
    if (!isObject(entry)) throw new TypeError('not an entry');
    return make(entry);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text');
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('not a number');
  return value;
}
