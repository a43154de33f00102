/** The contract of the ports holds through v1: client, socket, handler, service, driver. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel } from '@connections/grpc';
import { createComposeTools, limits, readSettings } from '@connections/runtime';
import {
  createTestServer,
  type OpenPort,
  openTestChannel,
  runClauses,
  TestClock,
} from '@connections/testing';
import { cacheV1Clauses } from '../conformance/cache-clauses.ts';
import { schemasV1Clauses } from '../conformance/schemas-clauses.ts';
import { tasksV1Clauses } from '../conformance/tasks-clauses.ts';
import { wireCache } from '../conformance/wire-cache.ts';
import { wireSchemas } from '../conformance/wire-schemas.ts';
import { wireTasks } from '../conformance/wire-tasks.ts';
import { composeDatabase } from '../src/compose.ts';
import { databaseSettings } from '../src/database-settings.ts';

/** As the embedded driver declares them: v1 takes nothing away. */
const capabilities = { durable: true, expiryResolutionMs: 0 };

/** A service on its own folder and a port of v1 on a connection to it. */
function openWire<Port>(adapt: (channel: Channel, now: () => number) => Port): OpenPort<Port> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connections-'));
    const clock = new TestClock();
    const start = async () => {
      const running = await startService(folder, clock);
      return { ...running, port: adapt(running.channel, () => clock.now()) };
    };
    let running = await start();
    return {
      port: running.port,
      now: () => clock.now(),
      passTime: (ms) => clock.advance(ms),
      async reopen() {
        await running.stop();
        running = await start();
        return running.port;
      },
      async [Symbol.asyncDispose]() {
        await running.stop();
        await rm(folder, { recursive: true });
      },
    };
  };
}

async function startService(folder: string, clock: TestClock) {
  // The cache's largest value must be larger than a page for CA-312.
  const env = { CONNECTIONS_DATA: folder, MAX_VALUE_BYTES: String(limits.valueBytesCeiling) };
  const database = await composeDatabase(readSettings(databaseSettings, env), createComposeTools(clock));
  const server = createTestServer();
  database.mount(server);
  const port = await server.listen('127.0.0.1', 0);
  const channel = openTestChannel(`127.0.0.1:${port}`);
  return {
    channel,
    async stop() {
      channel.close();
      await server.stop(1_000);
      await database[Symbol.asyncDispose]();
    },
  };
}

runClauses(
  'cache: through v1',
  cacheV1Clauses,
  openWire((channel, now) => wireCache(channel, capabilities, now)),
);
runClauses(
  'schemas: through v1',
  schemasV1Clauses,
  openWire((channel) => wireSchemas(channel, capabilities)),
);
runClauses(
  'tasks: through v1',
  tasksV1Clauses,
  openWire((channel) => wireTasks(channel, capabilities)),
);
