/** What the embedded broker keeps, table by table. */
import { type EmbeddedStore, type Table, tupleKey } from '@connections/embedded-store';
import { emptyTopology } from '../../domain/topology-merge.ts';
import type { Message, Topology } from '../../port/broker.ts';
import { QueueRecords } from './queue-records.ts';

/** A message where it lies in a queue. One that is routed to several queues lies in each of them, body and all. */
export interface StoredMessage extends Message {
  readonly exchange: string;
  readonly routingKey: string;
}

/**
 * Everything about messages has the key (namespace, queue, sequence), sequences rising in the order of publication.
 * Failures and open deliveries have tables of their own, so that a start reads no body: of `messages` it walks the
 * keys, of `open` it reads what was being delivered when the process ended.
 */
export interface MessageTables {
  readonly messages: Table<StoredMessage>;
  /** How many failures count; no entry is none. */
  readonly failures: Table<number>;
  /** There is an entry while the message is with a consumer. */
  readonly open: Table<true>;
}

export class BrokerRecords {
  readonly #topologies: Table<Topology>;
  readonly #tables: MessageTables;

  constructor(store: EmbeddedStore) {
    this.#topologies = store.table('broker-topologies');
    this.#tables = {
      messages: store.table('broker-messages'),
      failures: store.table('broker-failures'),
      open: store.table('broker-open-deliveries'),
    };
  }

  topology(namespace: string): Topology {
    return this.#topologies.get(tupleKey(namespace)) ?? emptyTopology;
  }

  putTopology(namespace: string, topology: Topology): void {
    this.#topologies.put(tupleKey(namespace), topology);
  }

  *namespaces(): Iterable<string> {
    for (const key of this.#topologies.keys({})) yield Buffer.from(key).toString('utf8', 0, key.length - 1);
  }

  queue(namespace: string, name: string): QueueRecords {
    return new QueueRecords(this.#tables, tupleKey(namespace, name));
  }
}
