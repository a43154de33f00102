/** What the wire contract hands out of a broker that publishers can reach themselves. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createClient } from '@connections/grpc';
import { createGrpcJsChannel, createGrpcJsServer } from '@connections/grpc/grpc-js';
import { wireMessagingService } from '@connections/proto-utils';
import { readSettings } from '@connections/runtime';
import { sabotaged, TestClock } from '@connections/testing';
import { messagingSettings } from '../src/index.ts';
import { DeliveryBudget } from '../src/service/delivery-budget.ts';
import { OneWayStreams } from '../src/service/one-way-streams.ts';
import { OpenStreams } from '../src/service/open-streams.ts';
import { settledWhenTaken } from '../src/service/task-settlement.ts';
import { TopologyService } from '../src/service/topology-service.ts';
import { WireService } from '../src/service/wire-service.ts';
import { createWireMessagingHandler } from '../src/transport/wire/wire-messaging-handler.ts';
import { brokerAddress, wireTopology } from '../src/wire-settings.ts';
import { openTestBroker } from './embedded-broker-port.ts';

it('hands out the address of the broker, with its queues in their order', async () => {
  await using opened = await openTestBroker();
  const capabilities = { durable: true, directPublishing: true };
  const broker = sabotaged(opened.port, { capabilities });
  const settings = readSettings(messagingSettings, {
    RABBITMQ_HOST: 'rabbit',
    RABBITMQ_VHOST: '/etl',
    RABBITMQ_USER: 'user',
    RABBITMQ_PASSWORD: 'secret',
  });
  const wire = new WireService({
    broker,
    topologies: new TopologyService(broker),
    topology: wireTopology(settings),
    address: brokerAddress(settings),
  });
  const clock = new TestClock();
  const streams = new OpenStreams();
  const oneWay = new OneWayStreams({
    broker,
    clock,
    streams,
    budget: new DeliveryBudget({ maxBytes: 1_048_576, stalledMs: 30_000, clock }),
    prefetch: 1,
    watch: settledWhenTaken,
  });
  const server = createGrpcJsServer();
  server.add(wireMessagingService, createWireMessagingHandler(wire, oneWay));
  const channel = createGrpcJsChannel(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`);
  try {
    assert.deepEqual(await createClient(wireMessagingService, channel).getMessagingParams({}), {
      host: 'rabbit',
      port: 5_672,
      virtualHost: '/etl',
      username: 'user',
      password: 'secret',
      exchange: {
        exchange: 'typechecking.exchange',
        type: 'topic',
        durable: true,
        queues: [
          { queue: 'typechecking.schemas.queue', routingKey: 'schemas.*', durable: true },
          { queue: 'typechecking.validations.queue', routingKey: 'validation.*', durable: true },
          { queue: 'typechecking.schemas.results.queue', routingKey: 'schemas.result.*', durable: true },
          {
            queue: 'typechecking.validation.results.queue',
            routingKey: 'validation.result.*',
            durable: true,
          },
        ],
      },
    });
  } finally {
    channel.close();
    await server.stop(0);
  }
});
