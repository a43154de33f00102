/** What the wire contract asks of messaging besides its streams: the topology, and how to reach the broker. */

import type { Peer } from '@connections/grpc';
import type { Ending } from '@connections/runtime';
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

/** Whom the address is given: everybody, callers over TLS and on this machine alone, or nobody. */
export type Exposure = 'always' | 'secure' | 'never';

export interface WireServiceOptions {
  readonly broker: Broker;
  readonly topologies: TopologyService;
  readonly topology: WireTopology;
  readonly address: BrokerAddress;
  readonly exposure: Exposure;
}

export class WireService {
  readonly topology: WireTopology;
  readonly #broker: Broker;
  readonly #topologies: TopologyService;
  readonly #address: BrokerAddress;
  readonly #exposure: Exposure;

  constructor({ broker, topologies, topology, address, exposure }: WireServiceOptions) {
    this.topology = topology;
    this.#broker = broker;
    this.#topologies = topologies;
    this.#address = address;
    this.#exposure = exposure;
  }

  /** Declares the topology in the default namespace, each queue with its dead-letter queue. */
  async declare(signal: Ending): Promise<void> {
    const { exchange, type } = this.topology;
    const bound = boundQueues(this.topology);
    const wanted = {
      exchanges: [{ name: exchange, type }],
      queues: bound.map(({ queue }) => ({ name: queue, deliveryLimit: 0, deadLetterQueue: '' })),
      bindings: bound.map(({ queue, routingKey }) => ({ exchange, queue, routingKey })),
    };
    await this.#topologies.declare('default', wanted, signal);
  }

  /** FAILED_PRECONDITION on a broker that only this process reaches, PERMISSION_DENIED for a caller that is not to have it. */
  brokerAddress({ loopback, secure }: Pick<Peer, 'loopback' | 'secure'>): BrokerAddress {
    if (!this.#broker.capabilities.directPublishing) throw failure('NO_BROKER', {});
    if (this.#exposure === 'never') throw failure('CREDENTIALS_WITHHELD', {});
    if (this.#exposure === 'secure' && !loopback && !secure) throw failure('CREDENTIALS_NEED_TLS', {});
    return this.#address;
  }
}
