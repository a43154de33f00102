/** The contract of the broker holds through v1 on RabbitMQ: client, socket, handler, session, driver, broker. */
import { describe } from 'node:test';
import { createComposeTools, readSettings, systemClock } from '@connections/runtime';
import {
  createTestServer,
  type OpenedPort,
  openTestChannel,
  rabbitMissing,
  runClauses,
  startRabbit,
} from '@connections/testing';
import { brokerV1Clauses } from '../conformance/broker-clauses.ts';
import { wireBroker } from '../conformance/wire-broker.ts';
import { composeMessaging } from '../src/compose.ts';
import { messagingSettings } from '../src/messaging-settings.ts';
import type { Broker } from '../src/port/broker.ts';
import { forget, remembering } from './rabbit-broker-port.ts';

const capabilities = { durable: true, directPublishing: true };

async function startService(url: string, namespaces: Set<string>) {
  const settings = readSettings(messagingSettings, { MESSAGING_BROKER_URL: url });
  const messaging = await composeMessaging(settings, createComposeTools(systemClock));
  const server = createTestServer();
  messaging.mount(server);
  const port = await server.listen('127.0.0.1', 0);
  const channel = openTestChannel(`127.0.0.1:${port}`);
  return {
    port: remembering(wireBroker(channel, capabilities), namespaces),
    async stop() {
      channel.close();
      await server.stop(1_000);
      await messaging[Symbol.asyncDispose]();
    },
  };
}

async function openWire(): Promise<OpenedPort<Broker>> {
  const { url } = await startRabbit();
  const namespaces = new Set<string>();
  let running = await startService(url, namespaces);
  return {
    port: running.port,
    passTime: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async reopen() {
      await running.stop();
      running = await startService(url, namespaces);
      return running.port;
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await forget(url, namespaces);
    },
  };
}

describe('RabbitMQ through v1', { skip: rabbitMissing() ?? false }, () => {
  runClauses('broker: RabbitMQ through v1', brokerV1Clauses, openWire);
});
