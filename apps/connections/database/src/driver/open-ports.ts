/** Opens the store of each port: one driver for each URL, shared by the ports that name it. */
import {
  type ComposeTools,
  createMetrics,
  type DriverDescription,
  type MeasuredStore,
} from '@connections/runtime';
import type { LegacyTasks } from '../port/legacy-tasks.ts';
import {
  type DriverRequest,
  driverOf,
  hasLedger,
  type OpenedDriver,
  type PortName,
  type Ports,
  type StoreName,
  type Stores,
  type StoreUrls,
} from './driver-registry.ts';
import { joinTasks } from './joined-tasks.ts';

export interface OpenedPorts extends AsyncDisposable {
  readonly ports: Ports;
  /** Beside the view of tasks; undefined where they have none. */
  readonly legacyTasks: LegacyTasks | undefined;
  readonly descriptions: readonly DriverDescription[];
  readonly stores: readonly MeasuredStore[];
  /** By port: what its store lacks at the moment though it answers. */
  readonly concerns: Readonly<Record<PortName, () => readonly string[]>>;
  /** By port: what a store of this kind does not promise. */
  readonly notices: Readonly<Record<PortName, () => readonly string[]>>;
}

/** Where it tells what happens behind the ports. */
export type Reports = Pick<ComposeTools, 'metrics' | 'log'>;

/** A URL that its driver does not understand. The message may quote it, password and all. */
export class StoreUrlError extends Error {
  readonly store: keyof StoreUrls;

  constructor(store: keyof StoreUrls, cause: RangeError) {
    super(cause.message, { cause });
    this.name = 'StoreUrlError';
    this.store = store;
  }
}

/** Opens each URL once, all at the same time. Rejects with a StoreUrlError for one that its driver does not understand. */
export async function openPorts(
  urls: StoreUrls,
  request: DriverRequest,
  reports: Reports = { metrics: createMetrics() },
): Promise<OpenedPorts> {
  const opened = new Map<string, OpenedDriver>();
  const openings = [...storesByUrl(urls)].map(async ([url, stores]) => {
    opened.set(url, await openDriver(url, stores, request));
  });
  const failed = (await Promise.allSettled(openings)).find(({ status }) => status === 'rejected');
  const close = async () => {
    for (const driver of opened.values()) await driver[Symbol.asyncDispose]();
  };
  if (failed) {
    await close();
    throw (failed as PromiseRejectedResult).reason;
  }
  const store = <Name extends StoreName>(name: Name, url: string) => openedStore(name, url, opened.get(url));
  const cache = store('cache', urls.cache);
  const schemas = store('schemas', urls.schemas);
  const tasks = openedTasks(urls, store, request, reports);
  return {
    ports: { cache: cache.store, schemas: schemas.store, tasks: tasks.port },
    legacyTasks: opened.get(wantedStores(urls).taskView ?? '')?.legacyTasks,
    concerns: { cache: cache.concerns, schemas: schemas.concerns, tasks: tasks.concerns },
    notices: { cache: cache.notices, schemas: schemas.notices, tasks: tasks.notices },
    descriptions: [
      described('cache', cache),
      described('schemas', schemas),
      ...tasks.stores.map((each, place) => described(place === 0 ? 'tasks' : 'task view', each)),
    ],
    stores: [...opened].flatMap(([url, { space }]) => (space ? { driver: driverOf(url).name, space } : [])),
    async [Symbol.asyncDispose]() {
      await tasks.joined?.[Symbol.asyncDispose]();
      await close();
    },
  };
}

export function storesByUrl(urls: StoreUrls): Map<string, StoreName[]> {
  const stores = new Map<string, StoreName[]>();
  for (const [store, url] of Object.entries(wantedStores(urls)) as [StoreName, string][]) {
    stores.set(url, [...(stores.get(url) ?? []), store]);
  }
  return stores;
}

/** Of the stores that it is named for those that are `wanted`, which is what it prepares its server for. */
export async function openDriver(
  url: string,
  stores: readonly StoreName[],
  request: DriverRequest,
  wanted: ReadonlySet<StoreName> = new Set(stores),
): Promise<OpenedDriver> {
  try {
    return await driverOf(url).open(url, wanted, request);
  } catch (error) {
    const [store] = stores;
    if (!store || !(error instanceof RangeError)) throw error;
    throw new StoreUrlError(store === 'taskLedger' ? 'tasks' : store, error);
  }
}

function wantedStores({ taskView, ...urls }: StoreUrls): Partial<Record<StoreName, string>> {
  if (taskView === undefined || !hasLedger(urls.tasks)) return urls;
  const { tasks: taskLedger, ...others } = urls;
  return { ...others, taskLedger, taskView };
}

type Remarks = () => readonly string[];

interface OpenedStore<Store> {
  readonly store: Store;
  readonly driver: string;
  readonly persists: boolean;
  readonly where: string;
  readonly concerns: Remarks;
  readonly notices: Remarks;
}

function openedStore<Name extends StoreName>(
  name: Name,
  url: string,
  source: OpenedDriver | undefined,
): OpenedStore<Stores[Name]> {
  const driver = driverOf(url);
  const store: Stores[Name] | undefined = source?.stores[name];
  if (!source || !store) throw new RangeError(`the ${driver.name} driver has no ${name} store`);
  const nothing = () => [];
  const { where, concerns, notices } = source;
  return {
    store,
    driver: driver.name,
    persists: driver.remote || ('capabilities' in store && store.capabilities.durable),
    where,
    concerns: concerns?.[name] ?? nothing,
    notices: notices?.[name] ?? nothing,
  };
}

function openedTasks(
  urls: StoreUrls,
  store: <Name extends StoreName>(name: Name, url: string) => OpenedStore<Stores[Name]>,
  { clock, taskTtlMs: ttlMs, taskWaitMs: waitMs }: DriverRequest,
  { metrics, log }: Reports,
) {
  const { taskLedger, taskView } = wantedStores(urls);
  if (taskLedger === undefined || taskView === undefined) {
    const tasks = store('tasks', urls.tasks);
    return { ...tasks, port: tasks.store, joined: undefined, stores: [tasks] };
  }
  const stores = [store('taskLedger', taskLedger), store('taskView', taskView)] as const;
  const [ledger, view] = stores;
  const joined = joinTasks({ ledger: ledger.store, view: view.store, clock, ttlMs, waitMs, metrics, log });
  return {
    port: joined.port,
    joined,
    stores,
    concerns: () => [...joined.concerns(), ...ledger.concerns(), ...view.concerns()],
    notices: () => [...ledger.notices(), ...view.notices()],
  };
}

function described(port: string, { driver, persists, where }: OpenedStore<unknown>): DriverDescription {
  return { port, driver, persists, where };
}
