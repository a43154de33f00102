/** Which driver stands behind the broker's URL; a driver is loaded when it is asked for. */
import {
  addressWithoutPassword,
  type Clock,
  type DataFolderState,
  type MeasuredStore,
  schemeOf,
} from '@connections/runtime';
import type { Broker } from '../port/broker.ts';
import type { Credentials } from '../port/credentials.ts';
import type { DeadLetters } from '../port/dead-letters.ts';
import type { Schedules } from '../port/schedules.ts';
import { parseRabbitUrl, rabbitSchemes } from './rabbitmq/rabbit-url.ts';

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
  /** Absent where the driver does not offer it, as the two that follow. */
  readonly deadLetters?: DeadLetters;
  readonly schedules?: Schedules;
  readonly credentials?: Credentials;
  /** Its name, for people. */
  readonly driver: string;
  /** Folder or address, without credentials. */
  readonly where: string;
  /** The messages are with a server, which may be away. */
  readonly remote: boolean;
  readonly stores: readonly MeasuredStore[];
  /** What is wanting though it answers, each with the way out. */
  concerns(): readonly string[];
}

interface Driver {
  readonly schemes: readonly string[];
  readonly remote: boolean;
  /** Of one whose messages are with a server: rejects with why that does not answer. Changes nothing there. */
  ask?(url: string, signal: AbortSignal): Promise<void>;
  /** Resolves whether or not a server is there. Rejects with a RangeError for a URL that is none of its. */
  open(request: BrokerRequest): Promise<OpenedBroker>;
  /** Of a driver that keeps the messages itself: what `open` would find. Changes nothing. */
  inspect?(folder: string): Promise<DataFolderState>;
}

const drivers: readonly Driver[] = [
  {
    schemes: ['embedded:'],
    remote: false,
    async open({ folder, sync, maxBytes, clock }) {
      const { openEmbeddedBroker } = await import('./embedded/embedded-broker.ts');
      const broker = await openEmbeddedBroker({ folder, sync, maxBytes, clock });
      const driver = 'embedded';
      return {
        broker,
        driver,
        where: folder,
        remote: false,
        stores: [{ driver, space: () => broker.space() }],
        concerns: () => [],
      };
    },
    async inspect(folder) {
      const { inspectEmbeddedBroker } = await import('./embedded/embedded-broker.ts');
      return inspectEmbeddedBroker(folder);
    },
  },
  {
    schemes: rabbitSchemes,
    remote: true,
    async ask(url, signal) {
      const { askRabbit } = await import('./rabbitmq/rabbit-answer.ts');
      await askRabbit(url, signal);
    },
    async open({ url, clock }) {
      const { openRabbitBroker } = await import('./rabbitmq/rabbit-broker.ts');
      const broker = await openRabbitBroker({ url, clock });
      return {
        broker,
        driver: 'rabbitmq',
        where: broker.where,
        remote: true,
        stores: [],
        concerns: () => broker.concerns,
      };
    },
  },
];

/** What the URL of the broker may start with. */
export const brokerSchemes: readonly string[] = drivers.flatMap(({ schemes }) => schemes);

/** The settings let no other scheme through. */
export async function openBroker(request: BrokerRequest): Promise<OpenedBroker> {
  return driverOf(request.url).open(request);
}

/** Undefined where the driver keeps no data in the folder. Changes nothing. */
export async function inspectDriver(url: string, folder: string): Promise<DataFolderState | undefined> {
  return driverOf(url).inspect?.(folder);
}

/** Whether the server of the broker answers, asked without a service. Changes nothing there. */
export interface BrokerAnswer {
  /** Without credentials. */
  readonly where: string;
  /** Why it does not answer, in words of the driver; undefined when it does. */
  readonly problem: string | undefined;
}

/** Undefined where the broker is no server. Rejects with a RangeError for a URL that its driver does not understand. */
export async function askBroker(url: string, signal: AbortSignal): Promise<BrokerAnswer | undefined> {
  const driver = driverOf(url);
  if (!driver.ask) return undefined;
  const where = addressWithoutPassword(url);
  try {
    await driver.ask(url, signal);
    return { where, problem: undefined };
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return { where, problem: (error as Error).message };
  }
}

/** Where publishers reach the broker themselves; undefined where they cannot. */
export function publishersAddress(url: string) {
  if (!rabbitSchemes.some((scheme) => scheme === schemeOf(url))) return undefined;
  const { host, port, virtualHost, username, password } = parseRabbitUrl(url);
  return { host, port, virtualHost, username, password };
}

function driverOf(url: string): Driver {
  const scheme = schemeOf(url) ?? '';
  const driver = drivers.find(({ schemes }) => schemes.includes(scheme));
  if (!driver) throw new RangeError(`no driver for ${scheme}`);
  return driver;
}
