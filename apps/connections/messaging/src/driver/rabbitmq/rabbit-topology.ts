/** Declares exchanges, queues and bindings on the broker, and knows what is there. */
import { type AmqpLink, accessRefused, isShortText, replyCode, shortTextBytes } from '@connections/amqp';
import { failure, invalidField } from '@connections/runtime/errors';
import { mergeTopology } from '../../domain/topology-merge.ts';
import type { Queue, Topology } from '../../port/broker.ts';
import { inequivalentArgument, queueArguments } from './queue-arguments.ts';
import type { RabbitControl } from './rabbit-control.ts';
import { connectionOf, isMissing } from './rabbit-errors.ts';
import { physicalName } from './rabbit-names.ts';
import { parseVersion } from './rabbit-version.ts';
import type { TopologyLog } from './topology-log.ts';

export interface RabbitTopologyParts {
  readonly control: RabbitControl;
  readonly log: TopologyLog;
  readonly link: AmqpLink;
}

export class RabbitTopology {
  readonly #control: RabbitControl;
  readonly #log: TopologyLog;
  readonly #link: AmqpLink;
  /** By namespace: what was known after this process declared there, which a broker that lost it gets again. */
  readonly #declared = new Map<string, Topology>();
  readonly #concerns = new Map<string, string>();

  constructor({ control, log, link }: RabbitTopologyParts) {
    this.#control = control;
    this.#log = log;
    this.#link = link;
  }

  /** Queues that are used as they are though new ones would be others, each with the way out. */
  get concerns(): readonly string[] {
    return [...this.#concerns.values()];
  }

  describe(namespace: string, signal: AbortSignal): Promise<Topology> {
    return this.#log.topology(namespace, signal);
  }

  async declare(namespace: string, topology: Topology, signal: AbortSignal): Promise<void> {
    const known = await this.#log.topology(namespace, signal);
    const merged = mergeTopology(known, topology);
    // Also what is known: others may have deleted it.
    await this.#place(namespace, withDeadLetterQueues(topology), known, signal);
    if (merged !== known) await this.#log.append(namespace, topology, signal);
    const before = this.#declared.get(namespace);
    this.#declared.set(namespace, before ? mergeTopology(before, merged) : merged);
  }

  /** After a loss: what this process declared is put where it is missing. */
  async restore(signal: AbortSignal): Promise<void> {
    for (const [namespace, topology] of this.#declared) {
      await this.#place(namespace, topology, topology, signal);
      await this.#log.append(namespace, topology, signal);
    }
  }

  /** The properties of a queue; one that others declared has no limit here and no dead-letter queue. */
  async queue(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly properties: Queue; readonly physical: string }> {
    const { queues } = await this.#log.topology(namespace, signal);
    const physical = physicalName(namespace, name);
    if (physical === undefined) throw failure('QUEUE_NOT_FOUND', { queue: name });
    const known = queues.find((queue) => queue.name === name);
    return { properties: known ?? { name, deliveryLimit: 0, deadLetterQueue: undefined }, physical };
  }

  async #place(namespace: string, topology: Topology, known: Topology, signal: AbortSignal): Promise<void> {
    for (const { name } of topology.exchanges) await this.#placeExchange(namespace, name, signal);
    for (const queue of topology.queues) await this.#placeQueue(namespace, queue, known, signal);
    for (const { exchange, queue, routingKey } of topology.bindings) {
      if (!isShortText(routingKey)) throw tooLong('routing_key');
      const [from, to] = [nameOf(namespace, 'exchange', exchange), nameOf(namespace, 'queue', queue)];
      await this.#control.run(signal, (channel) => channel.bindQueue(to, from, routingKey));
    }
  }

  async #placeExchange(namespace: string, name: string, signal: AbortSignal): Promise<void> {
    const physical = nameOf(namespace, 'exchange', name);
    try {
      await this.#control.run(signal, (channel) => channel.assertExchange(physical, 'topic'));
    } catch (error) {
      const argument = inequivalentArgument(error);
      if (argument === undefined && replyCode(error) !== accessRefused) throw error;
      if (argument === 'type')
        throw failure('TOPOLOGY_CONFLICT', { kind: 'exchange', name }, { cause: error });
      // Declared by others, or by others only: it routes as ours would.
      await this.#control
        .run(signal, (channel) => channel.checkExchange(physical))
        .catch((missing: unknown) => {
          throw isMissing(missing) ? failure('EXCHANGE_NOT_FOUND', { exchange: name }) : missing;
        });
    }
  }

  async #placeQueue(namespace: string, queue: Queue, known: Topology, signal: AbortSignal): Promise<void> {
    const physical = nameOf(namespace, 'queue', queue.name);
    const { deadLetterQueue } = queue;
    const deadLetters = deadLetterQueue && nameOf(namespace, 'dead_letter_queue', deadLetterQueue);
    const version = parseVersion(connectionOf(this.#link).version);
    const options = { arguments: queueArguments(queue, deadLetters, version) };
    try {
      await this.#control.run(signal, (channel) => channel.assertQueue(physical, options));
      this.#concerns.delete(physical);
    } catch (error) {
      const argument = inequivalentArgument(error);
      if (argument === undefined && replyCode(error) !== accessRefused) throw error;
      const ours = known.queues.some(({ name }) => name === queue.name);
      if (namespace !== 'default' && !ours) {
        throw failure('TOPOLOGY_CONFLICT', { kind: 'queue', name: queue.name }, { cause: error });
      }
      // Limit and dead letters are kept by this driver, whatever the queue's own arguments are.
      await this.#control.run(signal, (channel) => channel.checkQueue(physical));
      // What a broker of another version would get with another limit is ours all the same.
      if (!ours || argument !== 'x-delivery-limit') this.#concerns.set(physical, asItIs(queue.name, error));
    }
  }
}

function asItIs(name: string, error: unknown): string {
  return (
    `queue ${name} is used as it is (${(error as Error).message}); to have it replicated and dead-lettered by the broker: ` +
    'stop its publishers, drain it, delete it and start this service, which declares it anew'
  );
}

/** Each queue's dead-letter queue before it, so that no dead letter finds it missing. */
function withDeadLetterQueues({ exchanges, queues, bindings }: Topology): Topology {
  const { queues: all } = mergeTopology(
    { exchanges: [], queues: [], bindings: [] },
    { exchanges, queues, bindings: [] },
  );
  const rank = ({ deadLetterQueue }: Queue) => (deadLetterQueue === undefined ? 0 : 1);
  return { exchanges, queues: [...all].sort((a, b) => rank(a) - rank(b)), bindings };
}

/** The name on the broker, where one can be declared under it. */
function nameOf(namespace: string, field: string, name: string): string {
  const physical = physicalName(namespace, name);
  if (physical !== undefined && !name.startsWith('amq.')) return physical;
  throw isShortText(name) && namespace === 'default'
    ? invalidField(field, 'names that begin with cs: or amq. are taken')
    : tooLong(field);
}

function tooLong(field: string): Error {
  return invalidField(
    field,
    `RabbitMQ takes names and keys of at most ${shortTextBytes} bytes, the namespace included`,
  );
}
