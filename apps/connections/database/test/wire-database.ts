/** A Database service of its own for each test of the wire contract, called over a socket by generated stubs. */
import assert from 'node:assert/strict';
import {
  type CallOptions,
  type Client,
  createClient,
  type FailureStatus,
  type Interceptor,
  isStatusError,
  Metadata,
} from '@connections/grpc';
import { wireDatabaseService } from '@connections/proto-utils';
import { limits } from '@connections/runtime';
import { createTestServer, openTestChannel, sabotaged } from '@connections/testing';
import type { Ports } from '../src/driver/driver-registry.ts';
import type { Cache } from '../src/port/cache.ts';
import type { Schemas } from '../src/port/schemas.ts';
import type { Tasks } from '../src/port/tasks.ts';
import { CacheService } from '../src/service/cache-service.ts';
import { SchemasService } from '../src/service/schemas-service.ts';
import { TasksService } from '../src/service/tasks-service.ts';
import {
  createDatabaseWireHandler,
  type DatabaseServices,
} from '../src/transport/wire/database-wire-handler.ts';
import { type MovableClock, openWireStores } from './wire-stores.ts';

export type WireClient = Client<typeof wireDatabaseService>;

interface WireDatabaseOptions {
  /** @default 1 800 */
  readonly defaultTtlSeconds?: number;
  /** Members of the drivers to be replaced: stores that are away. */
  readonly broken?: {
    readonly cache?: Partial<Cache>;
    readonly schemas?: Partial<Schemas>;
    readonly tasks?: Partial<Tasks>;
  };
}

export interface WireDatabase extends AsyncDisposable {
  readonly address: string;
  readonly client: WireClient;
  readonly calls: CallLog;
  readonly clock: MovableClock;
  readonly drivers: Ports;
  readonly services: DatabaseServices;
  /** Never aborted. */
  readonly signal: AbortSignal;
}

export async function startWireDatabase(options: WireDatabaseOptions = {}): Promise<WireDatabase> {
  const { broken = {}, defaultTtlSeconds = 1_800 } = options;
  const stores = await openWireStores();
  const { clock, ports: drivers } = stores;
  const services = {
    cache: new CacheService({
      cache: sabotaged(drivers.cache, broken.cache ?? {}),
      clock,
      defaultTtlSeconds,
      maxValueBytes: limits.valueBytes,
    }),
    schemas: new SchemasService({ schemas: sabotaged(drivers.schemas, broken.schemas ?? {}), clock }),
    tasks: new TasksService({ tasks: sabotaged(drivers.tasks, broken.tasks ?? {}), ttlPolicy: () => 60 }),
  };
  const calls = new CallLog();
  const server = createTestServer({ interceptors: [calls.interceptor] });
  server.add(wireDatabaseService, createDatabaseWireHandler(services));
  const address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const channel = openTestChannel(address);
  return {
    address,
    client: createClient(wireDatabaseService, channel),
    calls,
    clock,
    drivers,
    services,
    signal: new AbortController().signal,
    async [Symbol.asyncDispose]() {
      channel.close();
      await server.stop(0);
      await stores[Symbol.asyncDispose]();
    },
  };
}

/** How the calls went, as the server saw it. */
export class CallLog {
  open = 0;
  readonly outcomes: (FailureStatus | 'OK')[] = [];

  readonly interceptor: Interceptor = async (_, proceed) => {
    this.open += 1;
    try {
      await proceed();
      this.outcomes.push('OK');
    } catch (error) {
      this.outcomes.push(isStatusError(error) ? error.status : 'UNKNOWN');
      throw error;
    } finally {
      this.open -= 1;
    }
  };
}

/** The reply of a call together with its trailers. */
export async function trailersOf<Reply>(
  call: (options: CallOptions) => Promise<Reply>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<{ readonly reply: Reply; readonly trailers: Metadata }> {
  const sent = new Metadata();
  for (const [key, value] of Object.entries(metadata)) sent.set(key, value);
  let trailers = new Metadata();
  const reply = await call({
    metadata: sent,
    onTrailers: (received) => {
      trailers = received;
    },
  });
  return { reply, trailers };
}

/** What `assert.rejects` is to find. */
export function withStatus(status: FailureStatus) {
  return (error: unknown): true => {
    assert.ok(isStatusError(error), String(error));
    assert.equal(error.status, status);
    return true;
  };
}
