/** A server on our own HTTP/2. */
import { createServer as createPlainListener, type Socket } from 'node:net';
import { createServer as createTlsListener, type TLSSocket, type Server as TlsListener } from 'node:tls';
import type { Handlers } from '../handler.ts';
import type { ServerConnectionOptions } from '../http2/connection/connection-options.ts';
import { acceptConnection } from '../http2/connection/server-connection.ts';
import type { ServiceDefinition } from '../method.ts';
import type { Server, ServerOptions, ServerTls } from '../server.ts';
import { monotonicClock } from '../timer.ts';
import { drain } from './drain.ts';
import { Listener } from './listener.ts';
import { MethodTable } from './method-table.ts';
import { OpenCalls } from './open-calls.ts';
import { ServedConnection } from './served-connection.ts';
import { admits, listenerOptions, secureContextOptions } from './server-tls.ts';

export function createServer(options: ServerOptions = {}): Server {
  return new GrpcServer(options);
}

class GrpcServer implements Server {
  readonly #options: ServerOptions;
  readonly #methods: MethodTable;
  readonly #calls: OpenCalls;
  readonly #tls: TlsListener | undefined;
  readonly #listener: Listener;
  readonly #connections = new Set<ServedConnection>();
  readonly #connectionOptions: ServerConnectionOptions;
  #stopped: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { maxMessageBytes = 4_194_304, maxResponseBytes = maxMessageBytes } = options;
    this.#methods = new MethodTable(options.interceptors ?? [], maxResponseBytes);
    this.#calls = new OpenCalls(options);
    this.#connectionOptions = connectionOptions(options);
    if (options.tls) {
      this.#tls = createTlsListener(listenerOptions(options.tls), this.#acceptSecure);
      this.#listener = new Listener(this.#tls);
    } else {
      this.#listener = new Listener(createPlainListener({ noDelay: true }, this.#accept));
    }
  }

  add<Service extends ServiceDefinition>(service: Service, handlers: Handlers<Service>): void {
    this.#methods.add(service, handlers);
  }

  listen(host: string, port: number): Promise<number> {
    this.#methods.close();
    return this.#listener.listen(host, port);
  }

  listenUnix(path: string): Promise<void> {
    this.#methods.close();
    return this.#listener.listenUnix(path);
  }

  reloadTls(tls: ServerTls): void {
    if (!this.#tls) throw new Error('the server takes no TLS');
    this.#tls.setSecureContext(secureContextOptions(tls));
  }

  get unsentBytes(): number {
    return this.#calls.budget.untakenBytes;
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.drain();
    if (await drain(this.#calls, this.#listener.empty(), graceMs)) return;
    this.#listener.destroyAll();
  }

  readonly #accept = (socket: Socket): void => {
    const { maxMessageBytes = 4_194_304, maxRequestBytes = maxMessageBytes } = this.#options;
    const connection = new ServedConnection(socket, {
      calls: this.#calls,
      methods: this.#methods,
      maxRequestBytes,
      maxMetadataBytes: this.#options.maxMetadataBytes ?? 8_192,
      compressFromBytes: this.#options.compressFromBytes ?? Infinity,
      unixPath: this.#listener.unixPath,
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    connection.open(acceptConnection(socket, this.#connectionOptions, connection));
    if (this.#stopped) connection.drain();
  };

  readonly #acceptSecure = (socket: TLSSocket): void => {
    if (admits(socket)) this.#accept(socket);
    else socket.destroy();
  };
}

function connectionOptions(options: ServerOptions): ServerConnectionOptions {
  const { maxConnectionAgeMs, maxConnectionAgeGraceMs, maxConnectionIdleMs } = options;
  return {
    clock: monotonicClock,
    maxHeaderListBytes: options.maxMetadataBytes ?? 8_192,
    maxConcurrentStreams: options.maxConcurrentStreams ?? 1_000,
    keepaliveMs: options.keepaliveMs ?? 20_000,
    keepaliveTimeoutMs: options.keepaliveTimeoutMs ?? 10_000,
    ...(maxConnectionAgeMs !== undefined && { maxAgeMs: maxConnectionAgeMs }),
    ...(maxConnectionAgeGraceMs !== undefined && { maxAgeGraceMs: maxConnectionAgeGraceMs }),
    ...(maxConnectionIdleMs !== undefined && { maxIdleMs: maxConnectionIdleMs }),
  };
}
