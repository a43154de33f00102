/** Whether the servers that the URLs of stores name answer, asked without a service and without a change to them. */
import {
  type DriverRequest,
  driverOf,
  type PortName,
  type StoreName,
  type StoreUrls,
} from './driver-registry.ts';
import { openDriver, storesByUrl } from './open-ports.ts';

export interface StoreAnswer {
  /** Those that have their data there. */
  readonly ports: readonly PortName[];
  /** Without credentials. */
  readonly where: string;
  /** Why it does not answer, in words of a driver; undefined when it does. */
  readonly problem: string | undefined;
}

/** Rejects with a StoreUrlError for a URL that its driver does not understand. */
export function askStores(
  urls: StoreUrls,
  request: DriverRequest,
  signal: AbortSignal,
): Promise<StoreAnswer[]> {
  const remote = [...storesByUrl(urls)].filter(([url]) => driverOf(url).remote);
  return Promise.all(remote.map(([url, stores]) => askStore(url, stores, request, signal)));
}

async function askStore(
  url: string,
  stores: readonly StoreName[],
  request: DriverRequest,
  signal: AbortSignal,
): Promise<StoreAnswer> {
  // With no port wanted nothing is prepared there: no index is built.
  await using driver = await openDriver(url, stores, request, new Set());
  const ports = stores.map(portOf);
  const { where } = driver;
  try {
    await driver.ask?.(signal);
    return { ports, where, problem: undefined };
  } catch (error) {
    return { ports, where, problem: firstCauseOf(error) };
  }
}

function portOf(store: StoreName): PortName {
  return store === 'taskLedger' || store === 'taskView' ? 'tasks' : store;
}

/** Its failures say that a store cannot be reached; why stands in their causes. */
function firstCauseOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? firstCauseOf(cause) : message;
}
