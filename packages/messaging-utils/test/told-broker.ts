/** A Messaging service that tells where a broker is, and what tests see of that broker without our code. */

import { StatusError } from '@connections/grpc';
import { wireMessagingService } from '@connections/proto-utils';
import type { GetMessagingParamsResponse } from '@connections/proto-utils/wire/messaging';
import { createTestServer } from '@connections/testing';
import { connect, type GetMessage } from 'amqplib';

const exchange = 'typechecking.exchange';
export const schemasQueue = 'typechecking.schemas.queue';
export const validationsQueue = 'typechecking.validations.queue';
const queues = [
  { queue: schemasQueue, routingKey: 'schemas.*', durable: true },
  { queue: validationsQueue, routingKey: 'validation.*', durable: true },
];

const nothing: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

export class ParametersService implements AsyncDisposable {
  /** What it tells; undefined: it refuses. */
  params: GetMessagingParamsResponse | undefined;
  asked = 0;
  #server: ReturnType<typeof createTestServer> | undefined;
  #port = 0;

  static async open(url: string): Promise<ParametersService> {
    const service = new ParametersService();
    const { hostname: host, port, username, password } = new URL(url);
    const told = { exchange, type: 'topic', durable: true, queues };
    service.params = { host, port: Number(port), virtualHost: '/', username, password, exchange: told };
    await service.start();
    return service;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** On its port. */
  async start(): Promise<void> {
    const server = createTestServer();
    const unserved = () => Promise.reject(new StatusError('UNIMPLEMENTED', 'not here'));
    server.add(wireMessagingService, {
      getMessagingParams: async () => {
        this.asked += 1;
        if (this.params) return this.params;
        throw new StatusError('PERMISSION_DENIED', 'the credentials of the broker are not handed out');
      },
      getRoutingKeySchemas: unserved,
      getRoutingKeyValidations: unserved,
      streamSchemaMessages: () => nothing,
      streamValidationMessages: () => nothing,
    });
    this.#port = await server.listen('127.0.0.1', this.#port);
    this.#server = server;
  }

  async stop(): Promise<void> {
    await this.#server?.stop(0);
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** The topology of the wire contract as a running deployment has it: classic queues. */
export async function declareContract(url: string): Promise<void> {
  const model = await connect(url);
  const channel = await model.createChannel();
  await channel.assertExchange(exchange, 'topic', { durable: true });
  for (const { queue, routingKey } of queues) {
    await channel.assertQueue(queue, { durable: true });
    await channel.bindQueue(queue, exchange, routingKey);
  }
  await model.close();
}

/** Takes all that is there. */
export async function takeAll(url: string, queue: string): Promise<GetMessage[]> {
  const model = await connect(url);
  const channel = await model.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  const gets = Array.from({ length: messageCount }, () => channel.get(queue, { noAck: true }));
  const taken = (await Promise.all(gets)).filter((got) => got !== false);
  await model.close();
  return taken;
}
