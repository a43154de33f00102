/** Which driver stands behind the broker's URL; a driver is loaded when it is asked for. */
import type { Clock, MeasuredStore } from '@connections/runtime';
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

type OpenBroker = (request: BrokerRequest) => Promise<OpenedBroker>;

const drivers = new Map<string, OpenBroker>([
  [
    'embedded:',
    async ({ folder, sync, maxBytes, clock }) => {
      const { openEmbeddedBroker } = await import('./embedded/embedded-broker.ts');
      const broker = await openEmbeddedBroker({ folder, sync, maxBytes, clock });
      const driver = 'embedded';
      return { broker, driver, where: folder, stores: [{ driver, space: () => broker.space() }] };
    },
  ],
]);

/** What the URL of the broker may start with. */
export const brokerSchemes: readonly string[] = [...drivers.keys()];

/** The settings let no other scheme through. */
export function openBroker(request: BrokerRequest): Promise<OpenedBroker> {
  const { protocol } = new URL(request.url);
  const open = drivers.get(protocol);
  if (!open) throw new RangeError(`no driver for ${protocol}`);
  return open(request);
}
