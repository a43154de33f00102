/** What is declared after a declaration: everything that was, and what it adds. */
import { failure } from '@connections/runtime/errors';
import type { Binding, Exchange, Queue, Topology } from '../port/broker.ts';

export const emptyTopology: Topology = { exchanges: [], queues: [], bindings: [] };

/**
 * Returns `current` itself when nothing is missing. A dead-letter queue has no limit and no dead-letter queue of its
 * own, so that no message can leave it but by an acknowledgement or a rejection there.
 *
 * Throws TOPOLOGY_CONFLICT for a queue that is there with other properties, QUEUE_NOT_FOUND and EXCHANGE_NOT_FOUND
 * for a binding to nothing.
 */
export function mergeTopology(current: Topology, declared: Topology): Topology {
  const exchanges = new Map(current.exchanges.map((exchange) => [exchange.name, exchange]));
  const queues = new Map(current.queues.map((queue) => [queue.name, queue]));
  const bindings = new Map(current.bindings.map((binding) => [bindingKey(binding), binding]));

  for (const { name, type } of declared.exchanges) addExchange(exchanges, { name, type });
  for (const { name, deliveryLimit, deadLetterQueue } of declared.queues) {
    addQueue(queues, { name, deliveryLimit, deadLetterQueue });
    if (deadLetterQueue !== undefined) {
      addQueue(queues, { name: deadLetterQueue, deliveryLimit: 0, deadLetterQueue: undefined });
    }
  }
  for (const { exchange, queue, routingKey } of declared.bindings) {
    if (!exchanges.has(exchange)) throw failure('EXCHANGE_NOT_FOUND', { exchange });
    if (!queues.has(queue)) throw failure('QUEUE_NOT_FOUND', { queue });
    const binding = { exchange, queue, routingKey };
    bindings.set(bindingKey(binding), binding);
  }

  const merged = {
    exchanges: [...exchanges.values()],
    queues: [...queues.values()],
    bindings: [...bindings.values()],
  };
  return entryCount(merged) > entryCount(current) ? merged : current;
}

/** Exchanges, queues and bindings together. */
export function entryCount({ exchanges, queues, bindings }: Topology): number {
  return exchanges.length + queues.length + bindings.length;
}

function addExchange(exchanges: Map<string, Exchange>, exchange: Exchange): void {
  const known = exchanges.get(exchange.name);
  if (!known) exchanges.set(exchange.name, exchange);
  else if (known.type !== exchange.type) throw conflict('exchange', exchange.name);
}

function addQueue(queues: Map<string, Queue>, queue: Queue): void {
  const known = queues.get(queue.name);
  if (!known) queues.set(queue.name, queue);
  else if (known.deliveryLimit !== queue.deliveryLimit || known.deadLetterQueue !== queue.deadLetterQueue) {
    throw conflict('queue', queue.name);
  }
}

function conflict(kind: string, name: string) {
  return failure('TOPOLOGY_CONFLICT', { kind, name });
}

function bindingKey({ exchange, queue, routingKey }: Binding): string {
  return JSON.stringify([exchange, queue, routingKey]);
}
