/** The contract of the broker holds through v1: client, socket, handler, session, driver. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComposeTools, readSettings } from '@connections/runtime';
import {
  createTestServer,
  type OpenedPort,
  openTestChannel,
  runClauses,
  TestClock,
} from '@connections/testing';
import { brokerV1Clauses } from '../conformance/broker-clauses.ts';
import { wireBroker } from '../conformance/wire-broker.ts';
import { composeMessaging } from '../src/compose.ts';
import { messagingSettings } from '../src/messaging-settings.ts';
import type { Broker } from '../src/port/broker.ts';

/** What the embedded driver declares, which v1 takes nothing from. */
const capabilities = { durable: true, directPublishing: false };

async function startService(folder: string, clock: TestClock) {
  const settings = readSettings(messagingSettings, { CONNECTIONS_DATA: folder });
  const messaging = await composeMessaging(settings, createComposeTools(clock));
  const server = createTestServer();
  messaging.mount(server);
  const port = await server.listen('127.0.0.1', 0);
  const channel = openTestChannel(`127.0.0.1:${port}`);
  return {
    port: wireBroker(channel, capabilities),
    async stop() {
      channel.close();
      await server.stop(1_000);
      await messaging[Symbol.asyncDispose]();
    },
  };
}

async function openWire(): Promise<OpenedPort<Broker>> {
  const folder = await mkdtemp(join(tmpdir(), 'connections-'));
  const clock = new TestClock();
  let running = await startService(folder, clock);
  return {
    port: running.port,
    now: () => clock.now(),
    passTime: (ms) => clock.advance(ms),
    async reopen() {
      await running.stop();
      running = await startService(folder, clock);
      return running.port;
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await rm(folder, { recursive: true });
    },
  };
}

runClauses('broker: through v1', brokerV1Clauses, openWire);
