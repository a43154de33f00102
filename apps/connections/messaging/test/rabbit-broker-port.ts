/** Opens the broker port on the process's RabbitMQ, for the contract's runners and the driver's own tests. */

import { systemClock } from '@connections/runtime';
import { type OpenedPort, startRabbit } from '@connections/testing';
import { connect } from 'amqplib';
import { openRabbitBroker } from '../src/driver/rabbitmq/rabbit-broker.ts';
import { physicalName } from '../src/driver/rabbitmq/rabbit-names.ts';
import type { Broker } from '../src/port/broker.ts';

const never = new AbortController().signal;

export async function openRabbitPort(): Promise<OpenedPort<Broker>> {
  const { url } = await startRabbit();
  const namespaces = new Set<string>();
  const open = async () => remembering(await openRabbitBroker({ url, clock: systemClock }), namespaces);
  let port = await open();
  return {
    port,
    passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async reopen() {
      await port[Symbol.asyncDispose]();
      port = await open();
      return port;
    },
    async [Symbol.asyncDispose]() {
      await port[Symbol.asyncDispose]();
      await forget(url, namespaces);
    },
  };
}

/** Notes where something is declared. */
export function remembering<B extends Broker>(broker: B, namespaces: Set<string>): B {
  const declare = broker.declare.bind(broker);
  broker.declare = (namespace, ...rest) => {
    namespaces.add(namespace);
    return declare(namespace, ...rest);
  };
  return broker;
}

/** Deletes what was declared: hundreds of queues are in the way of those that come after. */
export async function forget(url: string, namespaces: ReadonlySet<string>): Promise<void> {
  await using broker = await openRabbitBroker({ url, clock: systemClock });
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const namespace of namespaces) {
    const { queues, exchanges } = await broker.topology(namespace, never);
    for (const { name } of queues) await channel.deleteQueue(physicalName(namespace, name) ?? '');
    for (const { name } of exchanges) await channel.deleteExchange(physicalName(namespace, name) ?? '');
  }
  await connection.close();
}
