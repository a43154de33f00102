/** What the wire contract asks of messaging besides its streams: the topology, and how to reach the broker. */
import { failure } from '@connections/runtime/errors';
import { boundQueues, type WireTopology } from '../domain/wire-topology.ts';
import type { Broker } from '../port/broker.ts';
import type { TopologyService } from './topology-service.ts';

/** How publishers reach the broker themselves. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly virtualHost: string;
  readonly username: string;
  readonly password: string;
}

export interface WireServiceOptions {
  readonly broker: Broker;
  readonly topologies: TopologyService;
  readonly topology: WireTopology;
  readonly address: BrokerAddress;
}

export class WireService {
  readonly topology: WireTopology;
  readonly #broker: Broker;
  readonly #topologies: TopologyService;
  readonly #address: BrokerAddress;

  constructor({ broker, topologies, topology, address }: WireServiceOptions) {
    this.topology = topology;
    this.#broker = broker;
    this.#topologies = topologies;
    this.#address = address;
  }

  /** Declares the topology in the default namespace, each queue with its dead-letter queue. */
  async declare(signal: AbortSignal): Promise<void> {
    const { exchange, type } = this.topology;
    const bound = boundQueues(this.topology);
    const wanted = {
      exchanges: [{ name: exchange, type }],
      queues: bound.map(({ queue }) => ({ name: queue, deliveryLimit: 0, deadLetterQueue: '' })),
      bindings: bound.map(({ queue, routingKey }) => ({ exchange, queue, routingKey })),
    };
    await this.#topologies.declare('default', wanted, signal);
  }

  /** FAILED_PRECONDITION on a broker that only this process reaches. */
  brokerAddress(): BrokerAddress {
    if (!this.#broker.capabilities.directPublishing) throw failure('NO_BROKER', {});
    return this.#address;
  }
}
