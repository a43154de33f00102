/**
 * The stores under the tests of the wire contract: the embedded drivers on a clock that tests move or, where wire-servers.test.ts
 * runs them, the servers that the variables of existing deployments name, on the clock of the machine.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, readSettings, systemClock } from '@connections/runtime';
import { prepareMongo, TestClock } from '@connections/testing';
import { databaseSettings } from '../src/database-settings.ts';
import type { Ports } from '../src/driver/driver-registry.ts';
import { openPorts } from '../src/driver/open-ports.ts';
import { storeUrls } from '../src/store-settings.ts';
import { alternatingPort } from './alternating-port.ts';

export interface MovableClock extends Clock {
  advance(ms: number): Promise<void>;
}

export interface WireStores extends AsyncDisposable {
  readonly ports: Ports;
  readonly clock: MovableClock;
}

/** Set where the servers are this process's alone, to be filled. */
export const onServers = 'WIRE_ON_SERVERS';

const real: MovableClock = { ...systemClock, advance: (ms) => sleep(ms) };
let databases = 0;

/** Empty ones. Of servers, every call goes to the other of two drivers, each with connections of its own. */
export async function openWireStores(): Promise<WireStores> {
  const folder = await mkdtemp(join(tmpdir(), 'connections-wire-'));
  const remote = process.env[onServers] === 'true';
  const clock = remote ? real : new TestClock();
  const settings = readSettings(databaseSettings, remote ? nextDatabases() : {});
  if (remote) await prepareMongo(settings.tasksUrl);
  const open = () =>
    openPorts(storeUrls(settings), {
      folder,
      sync: 'second',
      maxBytes: 2 ** 30,
      clock,
      taskTtlMs: () => 60_000,
      taskWaitMs: 4_000,
      mongo: {
        database: settings.mongoDatabase,
        schemasCollection: settings.mongoSchemasCollection,
        tasksCollection: settings.mongoTasksCollection,
      },
    });
  const opened = await Promise.all(remote ? [open(), open()] : [open()]);
  return {
    ports: opened.map(({ ports }) => ports).reduce(alternating),
    clock,
    async [Symbol.asyncDispose]() {
      for (const stores of opened) await stores[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function alternating(first: Ports, second: Ports): Ports {
  return {
    cache: alternatingPort(first.cache, second.cache),
    schemas: alternatingPort(first.schemas, second.schemas),
    tasks: alternatingPort(first.tasks, second.tasks),
  };
}

function nextDatabases() {
  const { REDIS_HOST, REDIS_PORT, MONGO_HOST, MONGO_PORT } = process.env;
  const REDIS_DB = String(databases++);
  return { REDIS_HOST, REDIS_PORT, REDIS_DB, MONGO_HOST, MONGO_PORT, MONGO_DB: `wire_${randomUUID()}` };
}
