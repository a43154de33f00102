/** Opens the store of each port: one driver for each URL, shared by the ports that name it. */
import type { DriverDescription, MeasuredStore } from '@connections/runtime';
import {
  type DriverRequest,
  driverOf,
  type OpenedDriver,
  type PortName,
  type Ports,
} from './driver-registry.ts';

export interface OpenedPorts extends AsyncDisposable {
  readonly ports: Ports;
  readonly descriptions: readonly DriverDescription[];
  readonly stores: readonly MeasuredStore[];
  /** By port: what its store lacks at the moment though it answers. */
  readonly concerns: Readonly<Record<PortName, () => readonly string[]>>;
  /** By port: what a store of this kind does not promise. */
  readonly notices: Readonly<Record<PortName, () => readonly string[]>>;
}

/** A URL that its driver does not understand. The message may quote it, password and all. */
export class StoreUrlError extends Error {
  readonly port: PortName;

  constructor(port: PortName, cause: RangeError) {
    super(cause.message, { cause });
    this.name = 'StoreUrlError';
    this.port = port;
  }
}

/** Opens each URL once, all at the same time. Rejects with a StoreUrlError for one that its driver does not understand. */
export async function openPorts(
  urls: Readonly<Record<PortName, string>>,
  request: DriverRequest,
): Promise<OpenedPorts> {
  const opened = new Map<string, OpenedDriver>();
  const openings = [...portsByUrl(urls)].map(async ([url, ports]) => {
    opened.set(url, await openDriver(url, ports, request));
  });
  const failed = (await Promise.allSettled(openings)).find(({ status }) => status === 'rejected');
  const close = async () => {
    for (const driver of opened.values()) await driver[Symbol.asyncDispose]();
  };
  if (failed) {
    await close();
    throw (failed as PromiseRejectedResult).reason;
  }
  const port = <Name extends PortName>(name: Name) => openedPort(name, urls[name], opened.get(urls[name]));
  const all = { cache: port('cache'), schemas: port('schemas'), tasks: port('tasks') };
  return {
    ports: { cache: all.cache.port, schemas: all.schemas.port, tasks: all.tasks.port },
    concerns: {
      cache: all.cache.concerns,
      schemas: all.schemas.concerns,
      tasks: all.tasks.concerns,
    },
    notices: { cache: all.cache.notices, schemas: all.schemas.notices, tasks: all.tasks.notices },
    descriptions: Object.values(all).map(({ description }) => description),
    stores: [...opened].flatMap(([url, { space }]) => (space ? { driver: driverOf(url).name, space } : [])),
    [Symbol.asyncDispose]: close,
  };
}

export function portsByUrl(urls: Readonly<Record<PortName, string>>): Map<string, PortName[]> {
  const ports = new Map<string, PortName[]>();
  for (const [port, url] of Object.entries(urls) as [PortName, string][]) {
    ports.set(url, [...(ports.get(url) ?? []), port]);
  }
  return ports;
}

/** Of the ports that name it those that are `wanted`, which is what it prepares its server for. */
export async function openDriver(
  url: string,
  ports: readonly PortName[],
  request: DriverRequest,
  wanted: ReadonlySet<PortName> = new Set(ports),
): Promise<OpenedDriver> {
  try {
    return await driverOf(url).open(url, wanted, request);
  } catch (error) {
    const [port] = ports;
    throw port && error instanceof RangeError ? new StoreUrlError(port, error) : error;
  }
}

function openedPort<Name extends PortName>(name: Name, url: string, source: OpenedDriver | undefined) {
  const driver = driverOf(url);
  const port = source?.ports[name];
  if (!port) throw new RangeError(`the ${driver.name} driver has no ${name} port`);
  const persists = driver.remote || port.capabilities.durable;
  const description: DriverDescription = { port: name, driver: driver.name, persists, where: source.where };
  const nothing = () => [];
  const { concerns, notices } = source;
  return { port, description, concerns: concerns?.[name] ?? nothing, notices: notices?.[name] ?? nothing };
}
