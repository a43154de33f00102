/** Which driver stands behind the URL of a port; a driver is loaded when it is asked for. */
import { type Clock, type DataFolderState, type StoreSpace, schemeOf } from '@connections/runtime';
import type { Cache } from '../port/cache.ts';
import type { LegacyTasks } from '../port/legacy-tasks.ts';
import type { RetentionRule } from '../port/retention-rule.ts';
import type { Schemas } from '../port/schemas.ts';
import type { TaskLedger } from '../port/task-ledger.ts';
import type { TaskView } from '../port/task-view.ts';
import type { Tasks } from '../port/tasks.ts';
import { redisSchemes } from './redis/redis-url.ts';

export interface Ports {
  readonly cache: Cache;
  readonly schemas: Schemas;
  readonly tasks: Tasks;
}

export type PortName = keyof Ports;

/** What drivers offer: the ports, and the two that become the task port together. */
export interface Stores extends Ports {
  readonly taskLedger: TaskLedger;
  readonly taskView: TaskView;
}

export type StoreName = keyof Stores;

/** Of each port; with a view, tasks on a store that can be a ledger are on both. */
export type StoreUrls = Readonly<Record<PortName, string>> & { readonly taskView?: string | undefined };

export interface DriverRequest {
  /** Where an embedded driver keeps its data. */
  readonly folder: string;
  readonly sync: 'second' | 'always';
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Where a MongoDB keeps its data: the database of a URL that names none, and the collections. */
  readonly mongo: {
    readonly database: string;
    readonly schemasCollection: string;
    readonly tasksCollection: string;
  };
  /** How long a view of tasks keeps one of this status. */
  readonly taskTtlMs: (status: string) => number;
  /** Of tasks that are not kept for ever. */
  readonly taskRetention?: readonly RetentionRule[];
  /** How long a ledger of tasks is waited for before it is taken for away. */
  readonly taskWaitMs: number;
}

/** What a driver opened for one URL; its stores share it. */
export interface OpenedDriver extends AsyncDisposable {
  /** Folder or address, without credentials. */
  readonly where: string;
  readonly stores: Partial<Stores>;
  /** Of one whose server may hold what the first implementation left. */
  readonly legacyTasks?: LegacyTasks;
  /** By store: what it lacks at the moment though it answers. */
  readonly concerns?: Partial<Record<StoreName, () => readonly string[]>>;
  /** By store: what one of this kind does not promise. */
  readonly notices?: Partial<Record<StoreName, () => readonly string[]>>;
  /** Of a driver that keeps the data itself. */
  space?(): StoreSpace;
  /** Of one whose data is with a server: rejects with why that does not answer. Changes nothing there. */
  ask?(signal: AbortSignal): Promise<void>;
}

export interface Driver {
  /** Its name, for people. */
  readonly name: string;
  readonly schemes: readonly string[];
  readonly offers: readonly StoreName[];
  /** The data is with a server: it is there when this process has gone. */
  readonly remote: boolean;
  /** Resolves whether or not a server is there. Rejects with a RangeError for a URL that is none of its. */
  open(url: string, wanted: ReadonlySet<StoreName>, request: DriverRequest): Promise<OpenedDriver>;
  /** Of a driver that keeps the data itself: what `open` would find. Changes nothing. */
  inspect?(folder: string): Promise<DataFolderState>;
}

const drivers: readonly Driver[] = [
  {
    name: 'embedded',
    schemes: ['embedded:'],
    offers: ['cache', 'schemas', 'tasks'],
    remote: false,
    async open(_url, _wanted, request) {
      const { openEmbeddedDatabase } = await import('./embedded/embedded-database.ts');
      const stores = await openEmbeddedDatabase(request);
      return {
        where: request.folder,
        stores,
        space: () => stores.space(),
        [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
      };
    },
    async inspect(folder) {
      const { inspectEmbeddedDatabase } = await import('./embedded/embedded-database.ts');
      return inspectEmbeddedDatabase(folder);
    },
  },
  {
    name: 'redis',
    schemes: redisSchemes,
    offers: ['cache', 'taskView'],
    remote: true,
    async open(url, _, { clock }) {
      const { openRedisDatabase } = await import('./redis/redis-database.ts');
      const database = await openRedisDatabase({ url, clock });
      return {
        where: database.where,
        stores: { cache: database.cache, taskView: database.taskView },
        legacyTasks: database.legacyTasks,
        concerns: { cache: () => database.concerns, taskView: () => database.viewConcerns },
        ask: (signal) => database.cache.ping(signal),
        [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: 'mongodb',
    schemes: ['mongodb:', 'mongodb+srv:'],
    offers: ['schemas', 'tasks', 'taskLedger'],
    remote: true,
    async open(url, wanted, { mongo, taskRetention: retention = [] }) {
      const { openMongoDatabase } = await import('./mongo/mongo-database.ts');
      const collections = {
        schemas: wanted.has('schemas') ? mongo.schemasCollection : undefined,
        tasks: wanted.has('tasks') ? mongo.tasksCollection : undefined,
        ledger: wanted.has('taskLedger') ? mongo.tasksCollection : undefined,
      };
      return openMongoDatabase({ url, database: mongo.database, collections, retention });
    },
  },
];

/** The URL schemes that a store can have, each with its colon. */
export function schemesOf(store: StoreName): string[] {
  return drivers.filter(({ offers }) => offers.includes(store)).flatMap(({ schemes }) => schemes);
}

/** Whether tasks there can have a view. */
export function hasLedger(tasksUrl: string): boolean {
  return schemesOf('taskLedger').includes(schemeOf(tasksUrl) ?? '');
}

/** Undefined where no driver keeps data in the folder. Changes nothing. */
export async function inspectDrivers(
  urls: readonly string[],
  folder: string,
): Promise<DataFolderState | undefined> {
  for (const url of urls) {
    const state = await driverOf(url).inspect?.(folder);
    if (state) return state;
  }
  return undefined;
}

/** The settings let no other scheme through. */
export function driverOf(url: string): Driver {
  const scheme = schemeOf(url) ?? '';
  const driver = drivers.find(({ schemes }) => schemes.includes(scheme));
  if (!driver) throw new RangeError(`no driver for ${scheme}`);
  return driver;
}
