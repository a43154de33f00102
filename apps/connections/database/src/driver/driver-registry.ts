/** Which driver stands behind the URL of a port; a driver is loaded when it is asked for. */
import type {
  Clock,
  DataFolderState,
  DriverDescription,
  MeasuredStore,
  StoreSpace,
} from '@connections/runtime';
import type { Cache } from '../port/cache.ts';
import type { Schemas } from '../port/schemas.ts';
import type { Tasks } from '../port/tasks.ts';

export interface Ports {
  readonly cache: Cache;
  readonly schemas: Schemas;
  readonly tasks: Tasks;
}

export type PortName = keyof Ports;

export interface DriverRequest {
  /** Where an embedded driver keeps its data. */
  readonly folder: string;
  readonly sync: 'second' | 'always';
  readonly maxBytes: number;
  readonly clock: Clock;
}

/** What a driver opened for one URL; the ports share it. */
interface OpenedDriver extends AsyncDisposable {
  /** Folder or address, without credentials. */
  readonly where: string;
  readonly ports: Partial<Ports>;
  /** Of a driver that keeps the data itself. */
  space?(): StoreSpace;
}

interface Driver {
  /** Its name, for people. */
  readonly name: string;
  readonly offers: readonly PortName[];
  open(url: string, request: DriverRequest): Promise<OpenedDriver>;
  /** Of a driver that keeps the data itself: what `open` would find. Changes nothing. */
  inspect?(folder: string): Promise<DataFolderState>;
}

const drivers = new Map<string, Driver>([
  [
    'embedded:',
    {
      name: 'embedded',
      offers: ['cache', 'schemas', 'tasks'],
      async open(_, request) {
        const { openEmbeddedDatabase } = await import('./embedded/embedded-database.ts');
        const ports = await openEmbeddedDatabase(request);
        return {
          where: request.folder,
          ports,
          space: () => ports.space(),
          [Symbol.asyncDispose]: () => ports[Symbol.asyncDispose](),
        };
      },
      async inspect(folder) {
        const { inspectEmbeddedDatabase } = await import('./embedded/embedded-database.ts');
        return inspectEmbeddedDatabase(folder);
      },
    },
  ],
]);

/** The URL schemes that a port can have, each with its colon. */
export function schemesOf(port: PortName): string[] {
  return [...drivers].filter(([, driver]) => driver.offers.includes(port)).map(([scheme]) => scheme);
}

type PortUrls = Readonly<Record<PortName, string>>;

/** Undefined where no driver keeps data in the folder. Changes nothing. */
export async function inspectDrivers(urls: PortUrls, folder: string): Promise<DataFolderState | undefined> {
  for (const url of Object.values(urls)) {
    const state = await drivers.get(new URL(url).protocol)?.inspect?.(folder);
    if (state) return state;
  }
  return undefined;
}

export interface OpenedPorts extends AsyncDisposable {
  readonly ports: Ports;
  readonly descriptions: readonly DriverDescription[];
  readonly stores: readonly MeasuredStore[];
}

/** Opens each URL once. The settings let no URL through whose scheme the port cannot have. */
export async function openPorts(urls: PortUrls, request: DriverRequest): Promise<OpenedPorts> {
  const opened = new Map<string, OpenedDriver>();
  const close = async () => {
    for (const driver of opened.values()) await driver[Symbol.asyncDispose]();
  };
  const descriptions: DriverDescription[] = [];
  const stores: MeasuredStore[] = [];
  const open = async <Name extends PortName>(name: Name): Promise<Ports[Name]> => {
    const url = urls[name];
    const driver = drivers.get(new URL(url).protocol);
    const source = opened.get(url) ?? (await driver?.open(url, request));
    const port = source?.ports[name];
    if (!driver || !source || !port) throw new RangeError(`no driver for ${name} on ${url}`);
    const { space } = source;
    if (space && !opened.has(url)) stores.push({ driver: driver.name, space });
    opened.set(url, source);
    const persists = port.capabilities.durable;
    descriptions.push({ port: name, driver: driver.name, persists, where: source.where });
    return port;
  };
  try {
    const ports = { cache: await open('cache'), schemas: await open('schemas'), tasks: await open('tasks') };
    return { ports, descriptions, stores, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
