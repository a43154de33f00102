/** Starts composed services in this process, each on its own port, and stops them in order. */
import type { ComposedService } from '../composed-service.ts';
import { type HostOptions, type ServiceAddress, ServiceServer } from './service-server.ts';
import { readServerTls } from './tls-files.ts';
import { reloadTls } from './tls-reload.ts';
import { loadTransport } from './transport.ts';

export interface RunningServices {
  readonly addresses: readonly ServiceAddress[];
  /** Drains, closes the servers, then the drivers, and sends the last traces. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Takes the services and the tracing over: it closes them when they stop and when the start fails. A service may use one
 * that stands before it in the list, which is closed after it.
 */
export async function startServices(
  services: readonly ComposedService[],
  options: HostOptions,
): Promise<RunningServices> {
  const graceMs = options.settings.drainSeconds * 1_000;
  const servers: ServiceServer[] = [];
  let reload: Disposable | undefined;
  const stopAll = async (): Promise<void> => {
    reload?.[Symbol.dispose]();
    await Promise.all(servers.map((server) => server.stop(graceMs)));
    for (const service of services.toReversed()) await service[Symbol.asyncDispose]();
    await options.tracing?.stop();
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };
  try {
    const addresses: ServiceAddress[] = [];
    const { createServer } = await loadTransport(options.settings.grpcTransport);
    const read = () => readServerTls(options.settings);
    const tls = read();
    for (const service of services) {
      const server = new ServiceServer(service, options, { createServer, tls });
      servers.push(server);
      const address = await server.listen();
      const { name, host } = address;
      addresses.push(address);
      options.log.debug({ service: name, address: `${host}:${address.port}` }, 'listening');
      for (const notice of service.notices) options.log.warn({ service: name }, notice);
    }
    const { clock, log } = options;
    if (tls) reload = reloadTls({ clock, log, current: tls, read, servers: () => servers });
    return { addresses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
