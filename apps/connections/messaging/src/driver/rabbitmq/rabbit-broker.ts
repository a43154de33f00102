/** The broker port on RabbitMQ. */
import { heeding, isShortText, shortTextBytes } from '@connections/amqp';
import { abortSignalOf, type Clock, type Ending } from '@connections/runtime';
import { failure, invalidField } from '@connections/runtime/errors';
import type {
  Broker,
  Message,
  PublishOutcome,
  QueueStatistics,
  Subscription,
  Topology,
} from '../../port/broker.ts';
import { ConsumerLinks } from './consumer-links.ts';
import { DeliveryMemory } from './delivery-memory.ts';
import { FailureLog } from './failure-log.ts';
import { RabbitControl } from './rabbit-control.ts';
import { RabbitDeadLetters } from './rabbit-dead-letters.ts';
import { closed, connectionOf, isMissing } from './rabbit-errors.ts';
import { toAmqp } from './rabbit-message.ts';
import { physicalName } from './rabbit-names.ts';
import { RabbitPublisher } from './rabbit-publisher.ts';
import { RabbitSubscription } from './rabbit-subscription.ts';
import { RabbitTopology } from './rabbit-topology.ts';
import { parseRabbitUrl } from './rabbit-url.ts';
import { TopologyLog } from './topology-log.ts';

export interface RabbitBrokerOptions {
  readonly url: string;
  readonly clock: Clock;
}

export interface RabbitBroker extends Broker {
  /** The address without credentials. */
  readonly where: string;
  /** What is wanting though the broker answers, each with the way out. */
  readonly concerns: readonly string[];
}

const connectionName = 'connections-messaging';

/** Resolves whether or not the broker is there. Throws a RangeError for a URL that is none of RabbitMQ's. */
export async function openRabbitBroker({ url, clock }: RabbitBrokerOptions): Promise<RabbitBroker> {
  const address = parseRabbitUrl(url);
  const publisher = new RabbitPublisher(address, `${connectionName} publish`);
  const consuming = new ConsumerLinks(address, connectionName);
  await Promise.all([publisher.link.tried, consuming.first.tried]);
  return new ConnectedBroker(address.where, publisher, consuming, clock);
}

class ConnectedBroker implements RabbitBroker {
  readonly capabilities = { durable: true, directPublishing: true };
  readonly where: string;
  readonly #publisher: RabbitPublisher;
  readonly #consuming: ConsumerLinks;
  readonly #control: RabbitControl;
  readonly #log: TopologyLog;
  readonly #topology: RabbitTopology;
  readonly #deadLetters: RabbitDeadLetters;
  readonly #failures: FailureLog;
  readonly #memory = new DeliveryMemory();
  readonly #subscriptions = new Set<RabbitSubscription>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(where: string, publisher: RabbitPublisher, consuming: ConsumerLinks, clock: Clock) {
    this.where = where;
    this.#publisher = publisher;
    this.#consuming = consuming;
    this.#control = new RabbitControl(publisher.link);
    this.#deadLetters = new RabbitDeadLetters({ publisher, clock });
    this.#log = new TopologyLog({ link: consuming.first, publisher, onRead: () => this.#restore() });
    this.#failures = new FailureLog({ link: consuming.first, publisher });
    this.#topology = new RabbitTopology({ control: this.#control, log: this.#log, link: publisher.link });
  }

  get concerns(): readonly string[] {
    const logs = [this.#log.concern, this.#failures.concern].filter((concern) => concern !== undefined);
    return [...logs, ...this.#topology.concerns];
  }

  async declare(namespace: string, topology: Topology, ending: Ending): Promise<void> {
    const signal = abortSignalOf(ending);
    this.#check(signal);
    await this.#topology.declare(namespace, topology, signal);
  }

  async topology(namespace: string, ending: Ending): Promise<Topology> {
    const signal = abortSignalOf(ending);
    this.#check(signal);
    return this.#topology.describe(namespace, signal);
  }

  async statistics(namespace: string, ending: Ending): Promise<readonly QueueStatistics[]> {
    const signal = abortSignalOf(ending);
    this.#check(signal);
    const { queues } = await this.#topology.describe(namespace, signal);
    const all: QueueStatistics[] = [];
    for (const { name } of queues) all.push(await this.#figures(namespace, name, signal));
    return all;
  }

  async publish(
    namespace: string,
    { exchange, routingKey }: { readonly exchange: string; readonly routingKey: string },
    messages: readonly Message[],
    ending: Ending,
  ): Promise<readonly PublishOutcome[]> {
    const signal = abortSignalOf(ending);
    this.#check(signal);
    const outgoing = messages.map((message) => toAmqp(message));
    if (exchange === '') {
      const queue = physicalName(namespace, routingKey);
      if (queue === undefined) return messages.map(() => ({ outcome: 'UNROUTABLE' }));
      return this.#publisher.publish({ exchange: '', routingKey: queue }, outgoing, signal);
    }
    if (!isShortText(routingKey)) {
      throw invalidField('routing_key', `RabbitMQ takes keys of at most ${shortTextBytes} bytes`);
    }
    const physical = physicalName(namespace, exchange);
    if (physical === undefined) throw failure('EXCHANGE_NOT_FOUND', { exchange });
    try {
      return await this.#publisher.publish({ exchange: physical, routingKey }, outgoing, signal);
    } catch (error) {
      throw isMissing(error) ? failure('EXCHANGE_NOT_FOUND', { exchange }) : error;
    }
  }

  async subscribe(
    namespace: string,
    { queue, prefetch }: { readonly queue: string; readonly prefetch: number },
    ending: Ending,
  ): Promise<Subscription> {
    const signal = abortSignalOf(ending);
    this.#check(signal);
    const found = await this.#topology.queue(namespace, queue, signal);
    const lease = this.#consuming.lease();
    try {
      await heeding(signal, lease.link.tried);
      const opening = RabbitSubscription.open({
        ...found,
        namespace,
        prefetch,
        lease,
        failures: this.#failures,
        memory: this.#memory,
        deadLetters: this.#deadLetters,
        onClose: (subscription) => this.#subscriptions.delete(subscription),
      });
      return await this.#opened(opening, signal);
    } catch (error) {
      lease[Symbol.dispose]();
      throw isMissing(error) ? failure('QUEUE_NOT_FOUND', { queue }) : error;
    }
  }

  async ping(ending: Ending): Promise<void> {
    const signal = abortSignalOf(ending);
    this.#check(signal);
    // Subscribers need the other connection.
    connectionOf(this.#consuming.first);
    await this.#control.run(signal, (channel) => channel.checkExchange('amq.direct'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(
      [...this.#subscriptions].map((subscription) => subscription[Symbol.asyncDispose]()),
    );
    await Promise.all([this.#log[Symbol.asyncDispose](), this.#failures[Symbol.asyncDispose]()]);
    await Promise.all([this.#publisher[Symbol.asyncDispose](), this.#consuming[Symbol.asyncDispose]()]);
  }

  #check(signal: AbortSignal): void {
    if (this.#closed) throw closed();
    signal.throwIfAborted();
  }

  /** A subscription that its caller no longer waits for is closed when it is there. */
  async #opened(opening: Promise<RabbitSubscription>, signal: AbortSignal): Promise<RabbitSubscription> {
    try {
      const subscription = await heeding(signal, opening);
      this.#subscriptions.add(subscription);
      if (this.#closed) await subscription[Symbol.asyncDispose]();
      return subscription;
    } catch (error) {
      opening.then(
        (late) => late[Symbol.asyncDispose](),
        () => {},
      );
      throw error;
    }
  }

  /** The broker tells what is ready; what is unsettled is known of the subscriptions of this process. */
  async #figures(namespace: string, queue: string, signal: AbortSignal): Promise<QueueStatistics> {
    const physical = physicalName(namespace, queue) ?? '';
    const own = [...this.#subscriptions].filter((subscription) => subscription.queue === physical);
    const counted = await this.#counted(physical, signal);
    const consumersOfOwn = own.reduce((sum, { consumers }) => sum + consumers, 0);
    return {
      queue,
      ready: counted.messageCount,
      unsettled: own.reduce((sum, { unsettled }) => sum + unsettled, 0),
      consumers: Math.max(counted.consumerCount - consumersOfOwn, 0) + own.length,
    };
  }

  async #counted(physical: string, signal: AbortSignal) {
    try {
      return await this.#control.run(signal, (channel) => channel.checkQueue(physical));
    } catch (error) {
      if (!isMissing(error)) throw error;
      return { messageCount: 0, consumerCount: 0 };
    }
  }

  /** What is still missing then is declared again by the next that asks for it. */
  #restore(): void {
    this.#topology.restore(this.#closing.signal).catch(() => {});
  }
}
