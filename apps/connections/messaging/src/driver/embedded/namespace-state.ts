/** One namespace in memory: what is declared in it, its queues, and its routes. */
import { emptyTopology } from '../../domain/topology-merge.ts';
import type { Queue, Topology } from '../../port/broker.ts';
import type { QueueState } from './queue-state.ts';
import { RoutingTable } from './routing-table.ts';

export type OpenQueue = (properties: Queue, deadLetters: QueueState | undefined) => QueueState;

export class NamespaceState {
  readonly #openQueue: OpenQueue;
  readonly #queues = new Map<string, QueueState>();
  #topology = emptyTopology;
  #routes = new RoutingTable(emptyTopology, this.#queues);

  constructor(openQueue: OpenQueue) {
    this.#openQueue = openQueue;
  }

  get topology(): Topology {
    return this.#topology;
  }

  get routes(): RoutingTable<QueueState> {
    return this.#routes;
  }

  /** In the order of their declaration. */
  get queues(): readonly QueueState[] {
    return this.#topology.queues.flatMap(({ name }) => this.#queues.get(name) ?? []);
  }

  queue(name: string): QueueState | undefined {
    return this.#queues.get(name);
  }

  /** Topologies only grow, so what is here stays as it is. */
  adopt(topology: Topology): void {
    const declared = new Map(topology.queues.map((queue) => [queue.name, queue]));
    for (const queue of topology.queues) this.#add(queue, declared);
    this.#topology = topology;
    this.#routes = new RoutingTable(topology, this.#queues);
  }

  #add(properties: Queue, declared: ReadonlyMap<string, Queue>): QueueState {
    const known = this.#queues.get(properties.name);
    if (known) return known;
    const deadLetterQueue = declared.get(properties.deadLetterQueue ?? '');
    // One step deep: a dead-letter queue has none itself.
    const deadLetters = deadLetterQueue && this.#add(deadLetterQueue, declared);
    const queue = this.#openQueue(properties, deadLetters);
    this.#queues.set(properties.name, queue);
    return queue;
  }
}
