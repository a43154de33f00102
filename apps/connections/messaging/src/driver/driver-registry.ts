/** Which driver stands behind the broker's URL; a driver is loaded when it is asked for. */
import type { Clock, DataFolderState, MeasuredStore } from '@connections/runtime';
import type { Broker } from '../port/broker.ts';

export interface BrokerRequest {
  readonly url: string;
  /** Where an embedded driver keeps its data. */
  readonly folder: string;
  readonly sync: 'second' | 'always';
  readonly maxBytes: number;
  readonly clock: Clock;
}

export interface OpenedBroker {
  readonly broker: Broker;
  /** Its name, for people. */
  readonly driver: string;
  /** Folder or address, without credentials. */
  readonly where: string;
  readonly stores: readonly MeasuredStore[];
}

interface Driver {
  open(request: BrokerRequest): Promise<OpenedBroker>;
  /** Of a driver that keeps the messages itself: what `open` would find. Changes nothing. */
  inspect?(folder: string): Promise<DataFolderState>;
}

const drivers = new Map<string, Driver>([
  [
    'embedded:',
    {
      async open({ folder, sync, maxBytes, clock }) {
        const { openEmbeddedBroker } = await import('./embedded/embedded-broker.ts');
        const broker = await openEmbeddedBroker({ folder, sync, maxBytes, clock });
        const driver = 'embedded';
        return { broker, driver, where: folder, stores: [{ driver, space: () => broker.space() }] };
      },
      async inspect(folder) {
        const { inspectEmbeddedBroker } = await import('./embedded/embedded-broker.ts');
        return inspectEmbeddedBroker(folder);
      },
    },
  ],
]);

/** What the URL of the broker may start with. */
export const brokerSchemes: readonly string[] = [...drivers.keys()];

/** The settings let no other scheme through. */
export function openBroker(request: BrokerRequest): Promise<OpenedBroker> {
  const { protocol } = new URL(request.url);
  const driver = drivers.get(protocol);
  if (!driver) throw new RangeError(`no driver for ${protocol}`);
  return driver.open(request);
}

/** Undefined where the driver keeps no data in the folder. Changes nothing. */
export async function inspectDriver(url: string, folder: string): Promise<DataFolderState | undefined> {
  return drivers.get(new URL(url).protocol)?.inspect?.(folder);
}
