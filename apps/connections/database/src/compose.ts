/** Puts the Database service together: settings, drivers, services, handlers. */
import { join } from 'node:path';
import { cacheService, schemaService, taskService, wireDatabaseService } from '@connections/proto-utils';
import {
  type ComposedService,
  type ComposeTools,
  collectStores,
  type DataFolderState,
  observedPort,
  sidePortAddress,
} from '@connections/runtime';
import { type DatabaseSettings, databaseSettings } from './database-settings.ts';
import { createTtlPolicy } from './domain/ttl-policy.ts';
import { inspectDrivers, type OpenedPorts, openPorts, type Ports } from './driver/driver-registry.ts';
import { CacheService } from './service/cache-service.ts';
import { SchemasService } from './service/schemas-service.ts';
import { TasksService } from './service/tasks-service.ts';
import { rpcScopes } from './transport/rpc-scopes.ts';
import { createCacheHandler } from './transport/v1/cache-handler.ts';
import { createSchemasHandler } from './transport/v1/schemas-handler.ts';
import { createTasksHandler } from './transport/v1/tasks-handler.ts';
import { createDatabaseWireHandler } from './transport/wire/database-wire-handler.ts';

export interface ComposedDatabase extends ComposedService {
  /** For a service in the same process: the status of a task of the default namespace, undefined for an unknown one. */
  readTaskStatus(
    task: { readonly category: string; readonly id: string },
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/** What a start would find in its data folder; undefined where it keeps its data elsewhere. Changes nothing. */
export function inspectDatabase(settings: DatabaseSettings): Promise<DataFolderState | undefined> {
  return inspectDrivers(portUrls(settings), dataFolder(settings));
}

/** Opens the drivers. Takes no calls yet: the host mounts it. */
export async function composeDatabase(
  settings: DatabaseSettings,
  tools: ComposeTools,
): Promise<ComposedDatabase> {
  const { clock, metrics } = tools;
  const opened = await openPorts(portUrls(settings), {
    folder: dataFolder(settings),
    sync: settings.embeddedSync,
    maxBytes: settings.embeddedMaxBytes,
    clock,
  });
  const ports = observedPorts(opened, tools);
  collectStores(metrics, opened.stores);
  const cache = new CacheService({
    cache: ports.cache,
    clock,
    defaultTtlSeconds: settings.defaultTtlSeconds,
    maxValueBytes: settings.maxValueBytes,
  });
  const schemas = new SchemasService({ schemas: ports.schemas, clock });
  const tasks = new TasksService({ tasks: ports.tasks, ttlPolicy: ttlPolicy(settings) });

  return {
    name: 'database',
    host: settings.host,
    port: settings.port,
    portVariable: databaseSettings.port.env,
    http: sidePortAddress(settings, databaseSettings.httpPort.env),
    healthServices: [cacheService, schemaService, taskService, wireDatabaseService].map(
      ({ fullName }) => fullName,
    ),
    drivers: opened.descriptions,
    notices: unusedHosts(settings),
    scopes: rpcScopes,
    mount(server) {
      server.add(cacheService, createCacheHandler(cache));
      server.add(schemaService, createSchemasHandler(schemas));
      server.add(taskService, createTasksHandler(tasks));
      server.add(wireDatabaseService, createDatabaseWireHandler({ cache, schemas, tasks }));
    },
    // Every call is short, and the server waits for those by itself.
    drain: async () => {},
    pings: {
      cache: (signal) => cache.ping(signal),
      schemas: (signal) => schemas.ping(signal),
      tasks: (signal) => tasks.ping(signal),
    },
    metrics,
    async readTaskStatus({ category, id }, signal) {
      const ref = { namespace: '', category, id };
      const { task } = await tasks.find(ref, { token: undefined, strong: false }, signal);
      return task?.status;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function portUrls({ cacheUrl, schemasUrl, tasksUrl }: DatabaseSettings) {
  return { cache: cacheUrl, schemas: schemasUrl, tasks: tasksUrl };
}

function dataFolder(settings: DatabaseSettings): string {
  return join(settings.dataFolder, 'database');
}

function observedPorts({ ports, descriptions }: OpenedPorts, { observe }: ComposeTools): Ports {
  const names = (port: keyof Ports) => {
    const driver = descriptions.find((description) => description.port === port)?.driver ?? '';
    return { port, driver };
  };
  return {
    cache: observedPort(names('cache'), ports.cache, observe),
    schemas: observedPort(names('schemas'), ports.schemas, observe),
    tasks: observedPort(names('tasks'), ports.tasks, observe),
  };
}

/** Only the embedded drivers stand behind the ports so far; what an older deployment sets must not seem to be in use. */
function unusedHosts({ redisHost, mongoHost }: DatabaseSettings): string[] {
  return Object.entries({ REDIS_HOST: redisHost, MONGO_HOST: mongoHost })
    .filter(([, host]) => host !== undefined)
    .map(([variable]) => `${variable} is set and not used: the embedded drivers keep the data`);
}

function ttlPolicy(settings: DatabaseSettings) {
  return createTtlPolicy({
    pending: settings.taskTtlPendingSeconds,
    processing: settings.taskTtlProcessingSeconds,
    completed: settings.taskTtlCompletedSeconds,
    published: settings.taskTtlPublishedSeconds,
    failed: settings.taskTtlFailedSeconds,
    fallback: settings.defaultTtlSeconds,
  });
}
