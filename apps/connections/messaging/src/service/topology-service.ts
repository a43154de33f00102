/** Declares what messages are routed by, and tells what is declared. */
import { type Ending, limits } from '@connections/runtime';
import { RequestCheck } from '@connections/runtime/errors';
import type { Binding, Broker, Exchange, Queue, QueueStatistics, Topology } from '../port/broker.ts';

/** A queue as a caller asks for it. */
export interface NewQueue {
  readonly name: string;
  /** Zero for the default. */
  readonly deliveryLimit: number;
  /** Empty for the queue's name with `.dead` after it. */
  readonly deadLetterQueue: string;
}

export interface NewTopology {
  readonly exchanges: readonly { readonly name: string; readonly type: string }[];
  readonly queues: readonly NewQueue[];
  readonly bindings: readonly Binding[];
}

const maxDeliveryLimit = 1_000;

export class TopologyService {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Resolves with everything that is declared then. */
  async declare(
    namespace: string,
    wanted: NewTopology,
    signal: Ending,
    requestId?: string | undefined,
  ): Promise<Topology> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.requestId(requestId);
    const topology: Topology = {
      exchanges: bounded(check, 'exchanges', wanted.exchanges).map((exchange, index) =>
        checkedExchange(check, `topology.exchanges[${index}]`, exchange),
      ),
      queues: checkedQueues(check, bounded(check, 'queues', wanted.queues)),
      bindings: bounded(check, 'bindings', wanted.bindings),
    };
    for (const [index, binding] of topology.bindings.entries()) {
      checkBinding(check, `topology.bindings[${index}]`, binding);
    }
    check.done();
    await this.#broker.declare(space, topology, signal);
    return this.#broker.topology(space, signal);
  }

  async describe(
    namespace: string,
    signal: Ending,
  ): Promise<{ readonly topology: Topology; readonly statistics: readonly QueueStatistics[] }> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.done();
    const [topology, statistics] = await Promise.all([
      this.#broker.topology(space, signal),
      this.#broker.statistics(space, signal),
    ]);
    return { topology, statistics };
  }
}

function bounded<T>(check: RequestCheck, field: string, items: readonly T[]): readonly T[] {
  if (items.length <= limits.batch) return items;
  check.add(`topology.${field}`, `has ${items.length} entries; the limit is ${limits.batch}`);
  return [];
}

function checkedExchange(
  check: RequestCheck,
  field: string,
  { name, type }: { readonly name: string; readonly type: string },
): Exchange {
  check.name(`${field}.name`, name, limits.keyBytes);
  if (type !== '' && type !== 'topic') check.add(`${field}.type`, 'must be topic');
  return { name, type: 'topic' };
}

function checkedQueues(check: RequestCheck, queues: readonly NewQueue[]): readonly Queue[] {
  const deadLetterQueues = new Set(queues.map((queue) => queue.deadLetterQueue || `${queue.name}.dead`));
  return queues.map(({ name, deliveryLimit, deadLetterQueue }, index) => {
    const field = `topology.queues[${index}]`;
    check.name(`${field}.name`, name, limits.keyBytes);
    check.integer(`${field}.delivery_limit`, deliveryLimit, [0, maxDeliveryLimit]);
    // What GetTopology tells can be declared again: there the dead-letter queues stand among the others.
    if (deadLetterQueue === '' && deadLetterQueues.has(name)) {
      return { name, deliveryLimit: 0, deadLetterQueue: undefined };
    }
    const target = deadLetterQueue || `${name}.dead`;
    check.name(`${field}.dead_letter_queue`, target, limits.keyBytes);
    if (target === name) check.add(`${field}.dead_letter_queue`, 'must be another queue');
    return { name, deliveryLimit: deliveryLimit || limits.deliveryLimit, deadLetterQueue: target };
  });
}

function checkBinding(check: RequestCheck, field: string, { exchange, queue, routingKey }: Binding): void {
  check.name(`${field}.exchange`, exchange, limits.keyBytes);
  check.name(`${field}.queue`, queue, limits.keyBytes);
  check.label(`${field}.routing_key`, routingKey, limits.keyBytes);
}
