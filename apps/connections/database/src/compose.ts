/** Puts the Database service together: settings, drivers, services, handlers. */
import { join } from 'node:path';
import { cacheService, schemaService, taskService, wireDatabaseService } from '@connections/proto-utils';
import {
  addressWithoutPassword,
  budgetedPort,
  type Clock,
  type ComposedService,
  type ComposeTools,
  collectStores,
  type DataFolderState,
  type Ending,
  limits,
  observedPort,
  SettingsError,
  sidePortAddress,
  systemClock,
  withoutPasswords,
} from '@connections/runtime';
import { type DatabaseSettings, databaseSettings } from './database-settings.ts';
import { retentionRules } from './domain/retention-policy.ts';
import { createTtlPolicy } from './domain/ttl-policy.ts';
import { type DriverRequest, hasLedger, inspectDrivers, type Ports } from './driver/driver-registry.ts';
import { type OpenedPorts, openPorts, StoreUrlError } from './driver/open-ports.ts';
import { askStores, type StoreAnswer } from './driver/store-answers.ts';
import { CacheService } from './service/cache-service.ts';
import { ConflictsService } from './service/conflicts-service.ts';
import { LegacyImport } from './service/legacy-import.ts';
import { SchemasService } from './service/schemas-service.ts';
import { TasksService } from './service/tasks-service.ts';
import { storeUrls, unusedHosts, urlVariable } from './store-settings.ts';
import { rpcScopes } from './transport/rpc-scopes.ts';
import { createCacheHandler } from './transport/v1/cache-handler.ts';
import { createConflictsHandler } from './transport/v1/conflicts-handler.ts';
import { createLegacyHandler } from './transport/v1/legacy-handler.ts';
import { createSchemasHandler } from './transport/v1/schemas-handler.ts';
import { createTasksHandler } from './transport/v1/tasks-handler.ts';
import { createDatabaseWireHandler } from './transport/wire/database-wire-handler.ts';

export type { StoreAnswer };

export interface ComposedDatabase extends ComposedService {
  /** For a service in the same process: the status of a task of the default namespace, undefined for an unknown one. */
  readTaskStatus(
    task: { readonly category: string; readonly id: string },
    signal: Ending,
  ): Promise<string | undefined>;
}

/** What a start would find in its data folder; undefined where it keeps its data elsewhere. Changes nothing. */
export function inspectDatabase(settings: DatabaseSettings): Promise<DataFolderState | undefined> {
  return inspectDrivers(
    Object.values(storeUrls(settings)).filter((url) => url !== undefined),
    dataFolder(settings),
  );
}

/** Whether the servers of its stores answer; those of embedded ones are none. Changes nothing. */
export function askDatabase(settings: DatabaseSettings, signal: AbortSignal): Promise<StoreAnswer[]> {
  return withDrivers(settings, systemClock, (urls, request) => askStores(urls, request, signal));
}

/** Opens the drivers, whether or not their servers are there. Takes no calls yet: the host mounts it. */
export async function composeDatabase(
  settings: DatabaseSettings,
  tools: ComposeTools,
): Promise<ComposedDatabase> {
  const { clock, metrics } = tools;
  const opened = await withDrivers(settings, clock, (urls, request) => openPorts(urls, request, tools));
  const ports = watchedPorts(opened, tools);
  collectStores(metrics, opened.stores);
  const cache = new CacheService({
    cache: ports.cache,
    clock,
    defaultTtlSeconds: settings.defaultTtlSeconds,
    maxValueBytes: settings.maxValueBytes,
  });
  const schemas = new SchemasService({ schemas: ports.schemas, clock });
  const tasks = new TasksService({ tasks: ports.tasks, ttlPolicy: ttlPolicy(settings) });
  // No methods of the port, so not wrapped with it: the dual store bounds these calls itself.
  const { conflicts: found, adoption } = opened.ports.tasks;
  const conflicts = new ConflictsService({ conflicts: found, tasks: ports.tasks });
  const legacy = new LegacyImport({ legacy: opened.legacyTasks, adoption });

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
    notices: [...unusedHosts(settings), ...unusedRetention(settings)],
    scopes: rpcScopes,
    mount(server) {
      server.add(cacheService, createCacheHandler(cache));
      server.add(schemaService, createSchemasHandler(schemas));
      server.add(taskService, {
        ...createTasksHandler(tasks),
        ...createConflictsHandler(conflicts, tasks),
        ...createLegacyHandler(legacy),
      });
      server.add(wireDatabaseService, createDatabaseWireHandler({ cache, schemas, tasks }));
    },
    // Every call is short, and the server waits for those by itself.
    drain: async () => {},
    pings: {
      cache: (signal) => cache.ping(signal),
      schemas: (signal) => schemas.ping(signal),
      tasks: (signal) => tasks.ping(signal),
    },
    concerns: opened.concerns,
    portNotices: opened.notices,
    metrics,
    async readTaskStatus({ category, id }, signal) {
      const ref = { namespace: '', category, id };
      const { task } = await tasks.find(ref, { token: undefined, strong: false }, signal);
      return task?.status;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** A URL that a driver does not understand is an error of the settings. */
async function withDrivers<T>(
  settings: DatabaseSettings,
  clock: Clock,
  use: (urls: ReturnType<typeof storeUrls>, request: DriverRequest) => Promise<T>,
): Promise<T> {
  const urls = storeUrls(settings);
  const ttlSeconds = ttlPolicy(settings);
  try {
    return await use(urls, {
      folder: dataFolder(settings),
      sync: settings.embeddedSync,
      maxBytes: settings.embeddedMaxBytes,
      clock,
      taskTtlMs: (status) => 1_000 * ttlSeconds(status),
      taskRetention: retention(settings),
      taskWaitMs: settings.tasksWaitMs,
      mongo: {
        database: settings.mongoDatabase,
        schemasCollection: settings.mongoSchemasCollection,
        tasksCollection: settings.mongoTasksCollection,
      },
    });
  } catch (error) {
    if (!(error instanceof StoreUrlError)) throw error;
    const { store, message } = error;
    const url = urls[store] ?? '';
    const given = addressWithoutPassword(url);
    const problem = withoutPasswords(message.replaceAll(url, given));
    const expected = `a URL that its driver understands: ${problem}`;
    throw new SettingsError([{ variable: urlVariable(settings, store), given, expected }]);
  }
}

function dataFolder(settings: DatabaseSettings): string {
  return join(settings.dataFolder, 'database');
}

/** Each call has its budget, within what the observers see. */
function watchedPorts({ ports, descriptions }: OpenedPorts, { clock, observe }: ComposeTools): Ports {
  const watched = <Name extends keyof Ports>(port: Name): Ports[Name] => {
    const driver = descriptions.find((description) => description.port === port)?.driver ?? '';
    const budgeted = budgetedPort(port, ports[port], { clock, limitMs: limits.storeCallMs });
    return observedPort({ port, driver }, budgeted, observe);
  };
  return { cache: watched('cache'), schemas: watched('schemas'), tasks: watched('tasks') };
}

function retention(settings: DatabaseSettings) {
  return retentionRules({
    pending: settings.taskRetentionPendingSeconds,
    processing: settings.taskRetentionProcessingSeconds,
    completed: settings.taskRetentionCompletedSeconds,
    published: settings.taskRetentionPublishedSeconds,
    failed: settings.taskRetentionFailedSeconds,
    fallback: settings.taskRetentionSeconds,
  });
}

function unusedRetention(settings: DatabaseSettings): string[] {
  if (retention(settings).length === 0 || hasLedger(settings.tasksUrl)) return [];
  return ['TASK_RETENTION_* is not used: the tasks are not on MongoDB'];
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
