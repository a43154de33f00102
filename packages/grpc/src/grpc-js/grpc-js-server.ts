/** A server on @grpc/grpc-js. */
import { createServer as createListener, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Server as GrpcJs,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Handlers } from '../handler.ts';
import { chain, type Interceptor } from '../interceptor.ts';
import type { ServiceDefinition } from '../method.ts';
import { Roster } from '../roster.ts';
import { SendBudget } from '../send-budget.ts';
import type { Server, ServerOptions } from '../server.ts';
import { after } from '../timer.ts';
import { shuttingDown } from '../transport-failures.ts';
import { type Arrival, watchArrivals } from './arrivals.ts';
import { asBuffer, asBytes } from './byte-views.ts';
import { quietLog } from './quiet-log.ts';
import { type ServeMethod, serveMethod } from './serve-method.ts';
import { type ExchangeSettings, ServerExchange } from './server-exchange.ts';

/** What is left of a forced stop for statuses to leave and handlers to come to their end. */
const unwindMs = 1_000;

export function createGrpcJsServer(options: ServerOptions = {}): Server {
  return new GrpcJsServer(options);
}

class GrpcJsServer implements Server {
  readonly #grpcJs: GrpcJs;
  readonly #around: Interceptor;
  readonly #maxMessageBytes: number;
  readonly #exchangeSettings: ExchangeSettings;
  readonly #methods = new Map<string, ServeMethod>();
  readonly #open = new Roster<ServerExchange>();
  readonly #sockets = new Set<Socket>();
  /** Ours, because grpc-js's own hides the code of a bind error and writes to stderr. */
  readonly #listener = createListener();
  #takeArrival: (() => Arrival) | undefined;
  #onIdle: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    quietLog();
    this.#around = chain(options.interceptors ?? []);
    this.#maxMessageBytes = options.maxMessageBytes ?? 4_194_304;
    this.#exchangeSettings = {
      maxMetadataBytes: options.maxMetadataBytes ?? 8_192,
      budget: new SendBudget({
        maxBytes: options.maxUnsentBytes ?? 268_435_456,
        stalledMs: options.stalledStreamMs ?? 30_000,
        clock: { now: Date.now, after },
      }),
      onBegin: (exchange) => this.#open.add(exchange),
      onOver: (exchange) => this.#over(exchange),
    };
    this.#grpcJs = new GrpcJs({
      interceptors: [this.#takeOver],
      'grpc.max_receive_message_length': this.#maxMessageBytes,
      'grpc.max_concurrent_streams': options.maxConcurrentStreams ?? 1_000,
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 10_000,
      // MiB of header blocks and stream records per connection, beyond which new calls of it are refused.
      'grpc-node.max_session_memory': 64,
      // Its bookkeeping costs every call time.
      'grpc.enable_channelz': 0,
    });
  }

  add<Service extends ServiceDefinition>(service: Service, handlers: Handlers<Service>): void {
    if (this.#takeArrival) throw new Error('services are added before the server listens');
    for (const [name, method] of Object.entries(service.methods)) {
      const handler: unknown = Reflect.get(handlers, name);
      if (typeof handler !== 'function') throw new TypeError(`${method.path} has no handler`);
      const serve = serveMethod(method, handler.bind(handlers), this.#around, this.#maxMessageBytes);
      this.#methods.set(method.path, serve);
      // What grpc-js calls serialization, the methods' codecs do; what it calls a handler, `#takeOver` does.
      if (!this.#grpcJs.register(method.path, () => {}, asBuffer, asBytes, 'bidi')) {
        throw new Error(`${method.path} has a handler already`);
      }
    }
  }

  listen(host: string, port: number): Promise<number> {
    const injector = this.#grpcJs.createConnectionInjector(ServerCredentials.createInsecure());
    this.#takeArrival = watchArrivals(this.#grpcJs).take;
    this.#listener.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    });
    return new Promise((resolve, reject) => {
      // Stays: an error of a later accept, such as EMFILE, costs that connection only.
      this.#listener.on('error', reject);
      this.#listener.listen(port, host, () => {
        const address = this.#listener.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  get unsentBytes(): number {
    return this.#exchangeSettings.budget.untakenBytes;
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#listener.close();
    // Tells clients to open no further calls, and closes connections whose calls are over.
    const closed = new Promise<void>((resolve) => this.#grpcJs.tryShutdown(() => resolve()));
    const drained = Promise.all([closed, this.#idle()]);
    if (await settlesWithin(drained, graceMs)) return;
    for (const exchange of this.#open) exchange.abort(shuttingDown());
    await settlesWithin(drained, unwindMs);
    for (const socket of this.#sockets) socket.destroy();
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#onIdle = resolve;
    });
  }

  /** Between grpc-js's core and its stream objects, which would read ahead and buffer messages by their count. */
  readonly #takeOver: ServerInterceptor = ({ path }, transport) => {
    const arrival = this.#takeArrival?.();
    const serve = this.#methods.get(path);
    if (!arrival || !serve) return new ServerInterceptingCall(transport);
    const exchange = new ServerExchange(path, transport, arrival, this.#exchangeSettings);
    return new TakenCall(transport, () => exchange.begin(serve(exchange)));
  };

  #over(exchange: ServerExchange): void {
    this.#open.delete(exchange);
    if (this.#open.size === 0) this.#onIdle?.();
  }
}

/** Lets grpc-js begin a call and tells it nothing more. */
class TakenCall extends ServerInterceptingCall {
  readonly #begin: () => void;

  constructor(transport: ServerInterceptingCallInterface, begin: () => void) {
    super(transport);
    this.#begin = begin;
  }

  override start(): void {
    this.#begin();
  }
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timeout = new AbortController();
  const settled = promise.then(() => true);
  const late = delay(ms, false, { signal: timeout.signal }).catch(() => false);
  const result = await Promise.race([settled, late]);
  timeout.abort();
  return result;
}
