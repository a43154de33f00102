/** Drivers that break the clauses BR-6xx, BR-7xx and those of calls in BR-8xx: wrong declarations, wrong answers. */
import { failure } from '@connections/runtime/errors';
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Broker, QueueStatistics, Topology } from '../src/port/broker.ts';
import { never, subscribed } from './broker-sabotage.ts';

const isDead = (name: string) => name.endsWith('.dead');

function describing(change: (topology: Topology) => Topology): Saboteur<Broker> {
  return (port) =>
    sabotaged(port, {
      topology: async (namespace, signal) => change(await port.topology(namespace, signal)),
    });
}

function counting(
  change: (statistics: readonly QueueStatistics[]) => readonly QueueStatistics[],
): Saboteur<Broker> {
  return (port) =>
    sabotaged(port, {
      statistics: async (namespace, signal) => change(await port.statistics(namespace, signal)),
    });
}

/** Keeps one binding for each time that it was declared. */
const repeating: Saboteur<Broker> = (port) => {
  let declarations = 0;
  const described = describing((topology) => ({
    ...topology,
    bindings: new Array(declarations).fill(topology.bindings).flat(),
  }))(port);
  return sabotaged(described, {
    declare(namespace, topology, signal) {
      declarations++;
      return port.declare(namespace, topology, signal);
    },
  });
};

/** Routes by the latest declaration alone. */
const replacing: Saboteur<Broker> = (port) => {
  let keys: readonly string[] = [];
  return sabotaged(port, {
    declare(namespace, topology, signal) {
      keys = topology.bindings.map((binding) => binding.routingKey);
      return port.declare(namespace, topology, signal);
    },
    async publish(namespace, target, messages, signal) {
      if (target.exchange !== '' && !keys.includes(target.routingKey)) {
        return messages.map(() => ({ outcome: 'UNROUTABLE' }));
      }
      return port.publish(namespace, target, messages, signal);
    },
  });
};

/** Refuses queues without a limit, which it makes itself. */
const strict: Saboteur<Broker> = (port) =>
  sabotaged(port, {
    async declare(namespace, topology, signal) {
      const unlimited = topology.queues.find((queue) => queue.deliveryLimit === 0);
      if (unlimited) throw failure('TOPOLOGY_CONFLICT', { kind: 'queue', name: unlimited.name });
      await port.declare(namespace, topology, signal);
    },
  });

const lenient: Saboteur<Broker> = (port) =>
  sabotaged(port, {
    declare: (namespace, topology, signal) =>
      port.declare(namespace, topology, signal).catch(() => undefined),
  });

/** Keeps what is declared in memory. */
const forgetful: Saboteur<Broker> = (port) => {
  let kept: Topology | undefined;
  return sabotaged(port, {
    async declare(_, topology) {
      kept = topology;
    },
    topology: async (namespace, signal) => kept ?? port.topology(namespace, signal),
  });
};

/** Has one namespace for all. */
const shared: Saboteur<Broker> = (port) => {
  const all = 'all';
  return sabotaged(port, {
    declare: (_, topology, signal) => port.declare(all, topology, signal),
    topology: (_, signal) => port.topology(all, signal),
    statistics: (_, signal) => port.statistics(all, signal),
    publish: (_, target, messages, signal) => port.publish(all, target, messages, signal),
    subscribe: (_, request, signal) => port.subscribe(all, request, signal),
  });
};

export const brokerTopologySaboteurs: Saboteurs<Broker> = {
  'BR-601': describing((topology) => ({
    ...topology,
    queues: topology.queues.filter(({ name }) => !isDead(name)),
  })),
  'BR-602': repeating,
  'BR-603': replacing,
  'BR-604': strict,
  'BR-605': lenient,
  'BR-606': lenient,
  'BR-607': lenient,
  'BR-608': lenient,
  'BR-609': forgetful,
  'BR-610': counting((all) =>
    all.map((statistics) => ({ ...statistics, ready: statistics.ready + statistics.unsettled })),
  ),
  'BR-611': counting((all) => all.filter(({ queue }) => !isDead(queue))),

  'BR-701': shared,
  'BR-702': shared,
  'BR-703': shared,
  'BR-704': shared,

  'BR-803': (port) =>
    sabotaged(port, {
      publish: (namespace, target, messages) => port.publish(namespace, target, messages, never),
    }),
  'BR-804': (port) => sabotaged(port, { [Symbol.asyncDispose]: async () => {} }),
  'BR-805': subscribed((subscription) => ({
    async next(signal) {
      const delivery = await subscription.next(signal);
      if (!delivery) throw failure('CLOSED', { resource: 'broker' });
      return delivery;
    },
  })),
};
