/** A server on @grpc/grpc-js. */
import { createServer as createListener } from 'node:net';
import {
  Server as GrpcJs,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Handlers } from '../handler.ts';
import type { ServiceDefinition } from '../method.ts';
import { drain } from '../server/drain.ts';
import { Listener } from '../server/listener.ts';
import { MethodTable } from '../server/method-table.ts';
import { OpenCalls } from '../server/open-calls.ts';
import type { Server, ServerOptions, ServerTls } from '../server.ts';
import { type Arrival, watchArrivals } from './arrivals.ts';
import { asBuffer, asBytes } from './byte-views.ts';
import { GrpcJsExchange } from './grpc-js-exchange.ts';
import { channelOptions } from './grpc-js-options.ts';
import { reloadCredentials, serverCredentials } from './grpc-js-tls.ts';
import { quietLog } from './quiet-log.ts';

/** It compresses no responses, and asks for the certificate of a client only where one is required. */
export function createGrpcJsServer(options: ServerOptions = {}): Server {
  return new GrpcJsServer(options);
}

class GrpcJsServer implements Server {
  readonly #options: ServerOptions;
  readonly #grpcJs: GrpcJs;
  readonly #methods: MethodTable;
  readonly #calls: OpenCalls;
  readonly #listener: Listener;
  readonly #net = createListener();
  #takeArrival: (() => Arrival) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    quietLog();
    this.#options = options;
    const { maxMessageBytes = 4_194_304, maxResponseBytes = maxMessageBytes } = options;
    this.#methods = new MethodTable(options.interceptors ?? [], maxResponseBytes);
    this.#calls = new OpenCalls(options);
    this.#listener = new Listener(this.#net);
    this.#grpcJs = new GrpcJs({ interceptors: [this.#takeOver], ...channelOptions(options) });
  }

  add<Service extends ServiceDefinition>(service: Service, handlers: Handlers<Service>): void {
    this.#methods.add(service, handlers);
  }

  listen(host: string, port: number): Promise<number> {
    this.#start();
    return this.#listener.listen(host, port);
  }

  listenUnix(path: string): Promise<void> {
    this.#start();
    return this.#listener.listenUnix(path);
  }

  reloadTls(tls: ServerTls): void {
    if (!this.#options.tls) throw new Error('the server takes no TLS');
    reloadCredentials(this.#grpcJs, tls);
  }

  get unsentBytes(): number {
    return this.#calls.budget.untakenBytes;
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  #start(): void {
    for (const path of this.#methods.close()) {
      // What grpc-js calls serialization, the methods' codecs do; what it calls a handler, `#takeOver` does.
      this.#grpcJs.register(path, () => {}, asBuffer, asBytes, 'bidi');
    }
    const injector = this.#grpcJs.createConnectionInjector(serverCredentials(this.#options.tls));
    this.#takeArrival = watchArrivals(this.#grpcJs).take;
    this.#net.on('connection', (socket) => injector.injectConnection(socket));
  }

  async #stop(graceMs: number): Promise<void> {
    this.#listener.close();
    // Tells clients to open no further calls, and closes connections whose calls are over.
    const closed = new Promise<void>((resolve) => this.#grpcJs.tryShutdown(() => resolve()));
    if (await drain(this.#calls, closed, graceMs)) return;
    this.#listener.destroyAll();
  }

  /** Between grpc-js's core and its stream objects, which would read ahead and buffer messages by their count. */
  readonly #takeOver: ServerInterceptor = ({ path }, transport) => {
    const arrival = this.#takeArrival?.();
    const method = this.#methods.get(path);
    if (!arrival || !method) return new ServerInterceptingCall(transport);
    const exchange = new GrpcJsExchange(method, this.#calls, transport, arrival, {
      maxMetadataBytes: this.#options.maxMetadataBytes ?? 8_192,
      unixPath: this.#listener.unixPath,
    });
    return new TakenCall(transport, exchange);
  };
}

/** Lets grpc-js begin a call and tells it nothing more. */
class TakenCall extends ServerInterceptingCall {
  readonly #exchange: GrpcJsExchange;

  constructor(transport: ServerInterceptingCallInterface, exchange: GrpcJsExchange) {
    super(transport);
    this.#exchange = exchange;
  }

  override start(): void {
    this.#exchange.begin();
  }
}
