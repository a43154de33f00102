/** A service for tests of the host: on real sockets, with nothing behind it. */
import { once } from 'node:events';
import { createClient, type Handlers, type ServiceDefinition } from '@connections/grpc';
import { cacheService, healthService, messagingService } from '@connections/proto-utils';
import {
  type ComposedService,
  createLog,
  createMetrics,
  processSettings,
  readSettings,
  systemClock,
} from '@connections/runtime';
import { loadTransport, startServices } from '@connections/runtime/host';

const silent = createLog({ level: 'silent' });
const { GRPC_TRANSPORT } = process.env;
const fromEnvironment = readSettings(processSettings, { GRPC_TRANSPORT });
const { openChannel } = await loadTransport(fromEnvironment.grpcTransport);

export interface Probe extends ComposedService {
  readonly events: string[];
}

/** Handlers that no test calls. */
function unused<Service extends ServiceDefinition>({ methods }: Service): Handlers<Service> {
  const handler = () => Promise.reject(new Error('not meant to be called'));
  return Object.fromEntries(
    Object.keys(methods).map((name) => [name, handler]),
  ) as unknown as Handlers<Service>;
}

/** A service of the cache's get and of a stream that stays open until it is drained. */
export function service(
  changes: Partial<ComposedService> = {},
  get = async () => ({ entry: undefined }),
): Probe {
  const events: string[] = [];
  const draining = new AbortController();
  const paths = [cacheService, messagingService].flatMap(({ methods }) => Object.values(methods));
  return {
    events,
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    portVariable: 'TEST_PORT',
    http: { host: '127.0.0.1', port: 0, portVariable: 'TEST_HTTP_PORT' },
    healthServices: [cacheService.fullName],
    drivers: [],
    notices: [],
    scopes: new Map(paths.map(({ path }) => [path, 'test'])),
    mount: (server) => {
      server.add(cacheService, { ...unused(cacheService), get });
      const subscribe = async function* () {
        yield { frame: { $case: 'draining' as const, value: { grace: undefined } } };
        if (!draining.signal.aborted) await once(draining.signal, 'abort');
      };
      server.add(messagingService, { ...unused(messagingService), subscribe });
    },
    drain: async () => {
      events.push('drain');
      draining.abort();
    },
    pings: { cache: async () => {} },
    metrics: createMetrics(),
    [Symbol.asyncDispose]: async () => {
      events.push('close');
    },
    ...changes,
  };
}

export function start(
  services: readonly ComposedService[],
  { log = silent, drainSeconds = 5, httpEnabled = true } = {},
) {
  const settings = { ...fromEnvironment, drainSeconds, httpEnabled };
  return startServices(services, { log, clock: systemClock, settings });
}

export async function connected(services: readonly ComposedService[], options = {}) {
  const running = await start(services, options);
  const channel = openChannel(`127.0.0.1:${running.addresses[0]?.port}`);
  return {
    running,
    cache: createClient(cacheService, channel),
    messaging: createClient(messagingService, channel),
    health: createClient(healthService, channel),
    [Symbol.asyncDispose]: async () => {
      channel.close();
      await running.stop();
    },
  };
}
