/** One composed service on a server of its own, with health and everything that stands around its calls. */
import type { Server, ServerTls } from '@connections/grpc';
import { healthService, reflectionAlphaService, reflectionService } from '@connections/proto-utils';
import type { Clock } from '../clock.ts';
import type { ComposedService, ListenAddress } from '../composed-service.ts';
import { Health } from '../health/health.ts';
import { HealthProbe } from '../health/health-probe.ts';
import { type Readiness, readinessOf } from '../health/readiness.ts';
import { createDrainGate } from '../interceptors/drain-gate.ts';
import { limits } from '../limits.ts';
import type { Log } from '../log.ts';
import { collectProcess } from '../metrics/process-metrics.ts';
import { RpcMetrics } from '../metrics/rpc-metrics.ts';
import { productVersion } from '../product-version.ts';
import { Reflection, reflectionScopes } from '../reflection/reflection.ts';
import type { processSettings } from '../settings/process-settings.ts';
import type { Settings } from '../settings/settings-table.ts';
import { SidePort } from '../side-port/side-port.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { interceptorsOf } from './call-interceptors.ts';
import { listenError } from './listen-error.ts';
import type { Transport } from './transport.ts';

export interface HostOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly settings: Settings<typeof processSettings>;
  /** @default off */
  readonly tracing?: Tracing | undefined;
}

/** What a service is served over. */
export interface ServedOver extends Pick<Transport, 'createServer'> {
  /** @default plain text */
  readonly tls: ServerTls | undefined;
}

/** Where a service is found. */
export interface ServiceAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The side port, where it is open. */
  readonly http: { readonly host: string; readonly port: number } | undefined;
}

export class ServiceServer {
  readonly #service: ComposedService;
  readonly #server: Server;
  readonly #health: Health;
  readonly #reflection: Reflection;
  readonly #gate = createDrainGate();
  readonly #probe: HealthProbe;
  readonly #sidePort: SidePort | undefined;
  readonly #process: Disposable | undefined;

  constructor(service: ComposedService, options: HostOptions, { createServer, tls }: ServedOver) {
    const streams = new Set([healthService.methods.watch.path]);
    // Reflection is for people and their tools: bounded, refused and authorized like any call of the service.
    const scopes = new Map([...service.scopes, ...reflectionScopes]);
    const mounted = new Set([healthService.fullName]);
    const rpcs = new RpcMetrics(service.metrics);
    const { tracing } = options;
    const { log } = tracing ?? options;
    this.#service = service;
    this.#health = new Health(service.healthServices);
    this.#probe = new HealthProbe(service, this.#health, options);
    this.#reflection = new Reflection(mounted);
    const { connectionAgeSeconds, connectionAgeGraceSeconds } = options.settings;
    this.#server = createServer({
      maxMessageBytes: limits.messageBytes,
      maxMetadataBytes: limits.metadataBytes,
      maxConnectionAgeMs: forEverAtZero(connectionAgeSeconds),
      maxConnectionAgeGraceMs: forEverAtZero(connectionAgeGraceSeconds),
      ...(tls && { tls }),
      interceptors: interceptorsOf({
        log,
        slowMs: options.settings.slowCallMs,
        streams,
        scopes,
        tracing: tracing?.interceptor(service.scopes),
        metrics: rpcs.stage,
        gate: this.#gate.stage,
      }),
    });
    const server = observed(this.#server, { scopes, streams, mounted, rpcs });
    service.mount(server);
    server.add(reflectionService, this.#reflection.handlers);
    server.add(reflectionAlphaService, this.#reflection.handlers);
    rpcs.add(healthService);
    this.#server.add(healthService, this.#health.handlers);
    this.#collectOwn();
    if (!options.settings.httpEnabled) return;
    this.#process = collectProcess(service.metrics, productVersion());
    this.#sidePort = new SidePort({
      readiness: () => this.#readiness(),
      metricsText: () => service.metrics.text(),
    });
  }

  async listen(): Promise<ServiceAddress> {
    const service = this.#service;
    const { name, host, http } = service;
    const port = await bound(service, (...address) => this.#server.listen(...address));
    const sidePort = this.#sidePort;
    const httpPort = sidePort && (await bound(http, (...address) => sidePort.listen(...address)));
    await this.#probe.start();
    return {
      name,
      host,
      port,
      http: httpPort === undefined ? undefined : { host: http.host, port: httpPort },
    };
  }

  /** For connections from now on. */
  reloadTls(tls: ServerTls): void {
    this.#server.reloadTls(tls);
  }

  /** Ends what is open, in order: health, new calls, long streams, the calls that remain. */
  async stop(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    this.#probe[Symbol.dispose]();
    // First of all, so that no orchestrator sends calls to a gate that is closed.
    this.#health.drain();
    this.#gate.close();
    this.#reflection.drain();
    await this.#service.drain(graceMs);
    await this.#server.stop(Math.max(0, end - performance.now()));
    await this.#sidePort?.stop();
    this.#process?.[Symbol.dispose]();
  }

  #readiness(): Readiness {
    const { serving, draining } = this.#health;
    return readinessOf({ serving, draining, ports: this.#probe.ports });
  }

  #collectOwn(): void {
    this.#service.metrics.collect((report) => {
      report('serving', {}, Number(this.#health.serving));
      report('degraded', {}, Number(this.#readiness().degraded));
      for (const { port, answers, concerns } of this.#probe.ports) {
        report('portUp', { port }, Number(answers));
        report('portConcerns', { port }, concerns.length);
      }
      report('unsentBytes', {}, this.#server.unsentBytes);
    });
  }
}

/** Milliseconds. */
function forEverAtZero(seconds: number): number {
  return seconds === 0 ? Infinity : seconds * 1_000;
}

async function bound(
  address: ListenAddress,
  listen: (host: string, port: number) => Promise<number>,
): Promise<number> {
  try {
    return await listen(address.host, address.port);
  } catch (error) {
    throw listenError(error, address);
  }
}

interface MountNotes {
  readonly scopes: ReadonlyMap<string, string>;
  /** Gets the paths of the rpcs that stream. */
  readonly streams: Set<string>;
  /** Gets the full names of the services. */
  readonly mounted: Set<string>;
  readonly rpcs: RpcMetrics;
}

/** A server that notes what it is given, and takes no rpc without a scope. */
function observed(server: Server, { scopes, streams, mounted, rpcs }: MountNotes): Server {
  return {
    add: (service, handlers) => {
      for (const { path, requestStream, responseStream } of Object.values(service.methods)) {
        if (!scopes.has(path)) throw new Error(`${path} has no scope`);
        if (requestStream || responseStream) streams.add(path);
      }
      mounted.add(service.fullName);
      rpcs.add(service);
      server.add(service, handlers);
    },
    listen: (host, port) => server.listen(host, port),
    listenUnix: (path) => server.listenUnix(path),
    reloadTls: (tls) => server.reloadTls(tls),
    stop: (graceMs) => server.stop(graceMs),
    get unsentBytes() {
      return server.unsentBytes;
    },
  };
}
