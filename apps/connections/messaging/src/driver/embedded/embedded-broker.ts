/** The broker port on an embedded store: topic exchanges and durable queues in one folder, in this process. */
import {
  type EmbeddedStore,
  inspectFolder,
  openEmbeddedStore,
  type SyncMode,
} from '@connections/embedded-store';
import type { Clock, DataFolderState, Ending, StoreSpace } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { entryCount, mergeTopology } from '../../domain/topology-merge.ts';
import type { Broker, Message, PublishOutcome, Queue, Subscription, Topology } from '../../port/broker.ts';
import { BrokerRecords } from './broker-records.ts';
import { recoverDeliveries } from './crash-recovery.ts';
import { DeliveryRecorder } from './delivery-recorder.ts';
import { EmbeddedSubscription } from './embedded-subscription.ts';
import { placeMessages } from './message-placement.ts';
import { NamespaceState } from './namespace-state.ts';
import { QueueState } from './queue-state.ts';
import { Settlement } from './settlement.ts';

export interface EmbeddedBrokerOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** @default 'interval' */
  readonly sync?: SyncMode;
  /** Publishing is refused from here on, settling is not. @default that of the store */
  readonly maxBytes?: number;
  /** A queue that holds so many refuses more, but for dead letters, which must not be lost. @default 100 000 */
  readonly maxQueueMessages?: number;
}

export interface EmbeddedBroker extends Broker {
  space(): StoreSpace;
}

const defaultMaxQueueMessages = 100_000;
/** Exchanges, queues and bindings of all namespaces, all of which are held in memory. */
const maxDeclared = 10_000;

const kind = { product: 'connections-messaging', format: 1 } as const;

export function inspectEmbeddedBroker(folder: string): DataFolderState {
  return inspectFolder({ folder, ...kind });
}

/** Rejects with a DataFolderError when the folder cannot be used as it is. */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { folder, clock, sync, maxBytes, maxQueueMessages = defaultMaxQueueMessages } = options;
  const store = await openEmbeddedStore({
    folder,
    ...kind,
    migrations: [],
    ...(sync !== undefined && { sync }),
    ...(maxBytes !== undefined && { maxBytes }),
  });
  try {
    const broker = new StoredBroker(store, clock, maxQueueMessages);
    await broker.recover();
    return broker;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

class StoredBroker implements EmbeddedBroker {
  readonly capabilities = { durable: true, directPublishing: false };
  readonly #store: EmbeddedStore;
  readonly #clock: Clock;
  readonly #maxQueueMessages: number;
  readonly #records: BrokerRecords;
  readonly #recorder: DeliveryRecorder;
  readonly #settlement: Settlement;
  readonly #namespaces = new Map<string, NamespaceState>();
  readonly #subscriptions = new Set<EmbeddedSubscription>();
  #closing: Promise<void> | undefined;

  constructor(store: EmbeddedStore, clock: Clock, maxQueueMessages: number) {
    this.#store = store;
    this.#clock = clock;
    this.#maxQueueMessages = maxQueueMessages;
    this.#records = new BrokerRecords(store);
    this.#recorder = new DeliveryRecorder(store);
    this.#settlement = new Settlement(store, this.#recorder, clock);
    for (const name of this.#records.namespaces()) this.#adopt(name);
  }

  async recover(): Promise<void> {
    const queues = [...this.#namespaces.values()].flatMap((namespace) => namespace.queues);
    await recoverDeliveries(this.#store, queues, this.#clock.now());
  }

  async declare(namespace: string, topology: Topology, signal: Ending): Promise<void> {
    this.#check(signal);
    const known = this.#records.topology(namespace);
    // A start that declares what is there must not fail on a full store.
    if (mergeTopology(known, topology) === known) return;
    await this.#store.write(
      () => {
        const merged = mergeTopology(this.#records.topology(namespace), topology);
        this.#checkDeclared(namespace, merged);
        this.#records.putTopology(namespace, merged);
      },
      { signal },
    );
    this.#adopt(namespace);
  }

  async topology(namespace: string, signal: Ending): Promise<Topology> {
    this.#check(signal);
    return this.#namespaces.get(namespace)?.topology ?? { exchanges: [], queues: [], bindings: [] };
  }

  async statistics(namespace: string, signal: Ending) {
    this.#check(signal);
    const queues = this.#namespaces.get(namespace)?.queues ?? [];
    return queues.map((queue) => queue.statistics);
  }

  async publish(
    namespace: string,
    { exchange, routingKey }: { readonly exchange: string; readonly routingKey: string },
    messages: readonly Message[],
    signal: Ending,
  ): Promise<readonly PublishOutcome[]> {
    this.#check(signal);
    const routes = this.#namespaces.get(namespace)?.routes;
    const queues = routes ? routes.route(exchange, routingKey) : exchange === '' ? [] : undefined;
    if (!queues) throw failure('EXCHANGE_NOT_FOUND', { exchange });
    if (queues.length === 0) return messages.map(() => ({ outcome: 'UNROUTABLE' }));
    const stored = messages.map((message) => ({ ...message, exchange, routingKey }));
    return placeMessages(this.#store, queues, stored, signal);
  }

  async subscribe(
    namespace: string,
    { queue: name, prefetch }: { readonly queue: string; readonly prefetch: number },
    signal: Ending,
  ): Promise<Subscription> {
    this.#check(signal);
    const queue = this.#namespaces.get(namespace)?.queue(name);
    if (!queue) throw failure('QUEUE_NOT_FOUND', { queue: name });
    const subscription = new EmbeddedSubscription({
      queue,
      prefetch,
      recorder: this.#recorder,
      settlement: this.#settlement,
      onClose: (closed) => this.#subscriptions.delete(closed),
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async ping(signal: Ending): Promise<void> {
    this.#check(signal);
  }

  space(): StoreSpace {
    return this.#store.space();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const closed = [...this.#subscriptions].map((subscription) => subscription[Symbol.asyncDispose]());
    // What cannot be given back stays in the store, and counts as failed when that is opened again.
    await Promise.allSettled(closed);
    await this.#store[Symbol.asyncDispose]();
  }

  #check(signal: Ending): void {
    if (this.#closing) throw failure('CLOSED', { resource: 'broker' });
    signal.throwIfAborted();
  }

  #checkDeclared(namespace: string, merged: Topology): void {
    let total = entryCount(merged);
    for (const [name, { topology }] of this.#namespaces)
      if (name !== namespace) total += entryCount(topology);
    if (total > maxDeclared)
      throw failure('STORE_FULL', { limit: `${maxDeclared} exchanges, queues and bindings` });
  }

  /** What is committed now is at least as new as every declaration that has resolved. */
  #adopt(name: string): void {
    const namespace =
      this.#namespaces.get(name) ??
      new NamespaceState((queue, deadLetters) => this.#openQueue(name, queue, deadLetters));
    namespace.adopt(this.#records.topology(name));
    this.#namespaces.set(name, namespace);
  }

  #openQueue(namespace: string, properties: Queue, deadLetters: QueueState | undefined): QueueState {
    const records = this.#records.queue(namespace, properties.name);
    return new QueueState({ properties, records, deadLetters, maxMessages: this.#maxQueueMessages });
  }
}
