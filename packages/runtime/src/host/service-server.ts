/** One composed service on a server of its own, with health and everything that stands around its calls. */
import { chain, type Interceptor, type Server } from '@connections/grpc';
import { createGrpcJsServer } from '@connections/grpc/grpc-js';
import { healthService } from '@connections/proto-utils';
import type { Clock } from '../clock.ts';
import type { ComposedService } from '../composed-service.ts';
import { Health } from '../health/health.ts';
import { startHealthProbe } from '../health/health-probe.ts';
import { admissionInterceptor } from '../interceptors/admission-interceptor.ts';
import { authorizationInterceptor } from '../interceptors/authorization-interceptor.ts';
import { createDrainGate } from '../interceptors/drain-gate.ts';
import { errorInterceptor } from '../interceptors/error-interceptor.ts';
import { logInterceptor } from '../interceptors/log-interceptor.ts';
import { limits } from '../limits.ts';
import type { Log } from '../log.ts';
import type { processSettings } from '../settings/process-settings.ts';
import type { Settings } from '../settings/settings-table.ts';
import { findPortHolder } from './port-holder.ts';
import { StartError } from './start-error.ts';

export interface HostOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly settings: Settings<typeof processSettings>;
}

export class ServiceServer {
  readonly #service: ComposedService;
  readonly #options: HostOptions;
  readonly #server: Server;
  readonly #health: Health;
  readonly #gate = createDrainGate();
  #probe: Disposable | undefined;

  constructor(service: ComposedService, options: HostOptions) {
    const streams = new Set([healthService.methods.watch.path]);
    this.#service = service;
    this.#options = options;
    this.#health = new Health(service.healthServices);
    this.#server = createGrpcJsServer({
      maxMessageBytes: limits.messageBytes,
      maxMetadataBytes: limits.metadataBytes,
      interceptors: [
        logInterceptor({ log: options.log, slowMs: options.settings.slowCallMs, streams }),
        errorInterceptor,
        unlessHealth(
          chain([
            this.#gate.interceptor,
            admissionInterceptor({ maxCalls: limits.openCalls, maxStreams: limits.openStreams, streams }),
            authorizationInterceptor({ scopes: service.scopes, authentication: false }),
          ]),
        ),
      ],
    });
    service.mount(observed(this.#server, service.scopes, streams));
    this.#server.add(healthService, this.#health.handlers);
  }

  /** Resolves with the bound port. */
  async listen(): Promise<number> {
    const { host, port, portVariable } = this.#service;
    try {
      const bound = await this.#server.listen(host, port);
      this.#probe = await startHealthProbe(this.#service, this.#health, this.#options);
      return bound;
    } catch (error) {
      throw listenError(error, host, port, portVariable);
    }
  }

  /** Ends what is open, in order: health, new calls, long streams, the calls that remain. */
  async stop(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    this.#probe?.[Symbol.dispose]();
    this.#health.drain();
    this.#gate.close();
    await this.#service.drain(graceMs);
    await this.#server.stop(Math.max(0, end - performance.now()));
  }
}

/** Health is asked by machines that have no identity, most of all while a service is full or stops. */
function unlessHealth(interceptor: Interceptor): Interceptor {
  const paths = new Set(Object.values(healthService.methods).map((method) => method.path));
  return (call, proceed) => (paths.has(call.method) ? proceed() : interceptor(call, proceed));
}

/** A server that notes which of the rpcs it is given stream, and takes none without a scope. */
function observed(server: Server, scopes: ReadonlyMap<string, string>, streams: Set<string>): Server {
  return {
    add: (service, handlers) => {
      for (const { path, requestStream, responseStream } of Object.values(service.methods)) {
        if (!scopes.has(path)) throw new Error(`${path} has no scope`);
        if (requestStream || responseStream) streams.add(path);
      }
      server.add(service, handlers);
    },
    listen: (host, port) => server.listen(host, port),
    stop: (graceMs) => server.stop(graceMs),
  };
}

function listenError(error: unknown, host: string, port: number, variable: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port);
    const by = holder ? ` by process ${holder.pid} (${holder.command})` : '';
    return new StartError(code, `port ${port} is in use${by}: stop it, or set ${variable} to another port`);
  }
  if (code === 'EACCES') {
    return new StartError(code, `port ${port} needs more rights: set ${variable} to a port above 1023`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(
      code,
      `${host} is no address of this machine: set ${variable.replace(/PORT$/, 'HOST')}`,
    );
  }
  return error;
}
