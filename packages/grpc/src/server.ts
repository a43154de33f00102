/** A gRPC server, whatever transport it runs on. */
import type { Handlers } from './handler.ts';
import type { Interceptor } from './interceptor.ts';
import type { ServiceDefinition } from './method.ts';

/** PEM text or bytes. */
export interface ServerTls {
  readonly key: string | Uint8Array;
  /** With those that lead to the authority behind it. */
  readonly cert: string | Uint8Array;
  /** Authorities of clients. A client that presents a certificate of another is refused. @default those of the system */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Whether a client has to present a certificate (mTLS). @default false */
  readonly requireClientCertificate?: boolean;
}

export interface ServerOptions {
  /** Around every call, the first outermost. @default [] */
  readonly interceptors?: readonly Interceptor[];
  /** Takes TLS with ALPN `h2` only. @default none, plain text */
  readonly tls?: ServerTls;
  /** Largest message taken or sent, in bytes; a larger one is RESOURCE_EXHAUSTED. @default 4 MiB */
  readonly maxMessageBytes?: number;
  /** The same for requests alone. @default maxMessageBytes */
  readonly maxRequestBytes?: number;
  /** The same for responses alone. @default maxMessageBytes */
  readonly maxResponseBytes?: number;
  /** Responses of so many bytes and more are compressed with gzip for clients that take it. @default Infinity */
  readonly compressFromBytes?: number;
  /** Calls open at once on one connection; further ones wait in the client. @default 1000 */
  readonly maxConcurrentStreams?: number;
  /** Largest header block, in bytes. @default 8 KiB */
  readonly maxMetadataBytes?: number;
  /**
   * Bytes of responses, over all calls, that the transport has been given and has not taken; unary responses of up to
   * 16 KiB are not counted. A call that would pass it waits; while others wait, a call that has not moved for
   * `stalledStreamMs` is ended with RESOURCE_EXHAUSTED. One message is always let through. @default 256 MiB
   */
  readonly maxUnsentBytes?: number;
  /** @default 30 000 */
  readonly stalledStreamMs?: number;
  /** A connection that was silent for so long is asked whether it lives. @default 20 000 */
  readonly keepaliveMs?: number;
  /** It is closed when it does not answer that within. @default 10 000 */
  readonly keepaliveTimeoutMs?: number;
  /** A connection is told to go after so long, a tenth more or less; open calls go on. @default Infinity */
  readonly maxConnectionAgeMs?: number;
  /** What calls have after that until they are ended. @default Infinity */
  readonly maxConnectionAgeGraceMs?: number;
  /** A connection without a call for so long is told to go. @default Infinity */
  readonly maxConnectionIdleMs?: number;
}

export interface Server {
  /** Before `listen` only. */
  add<Service extends ServiceDefinition>(service: Service, handlers: Handlers<Service>): void;
  /**
   * Starts to accept calls and resolves with the bound port; port 0 picks a free one.
   * Rejects with the `code` of the system error (EADDRINUSE, EACCES, ...) when the address cannot be bound.
   */
  listen(host: string, port: number): Promise<number>;
  /**
   * The same on a Unix socket, whose file is made and, when the server stops, removed. A file that is there already,
   * though nobody listens, is EADDRINUSE too.
   */
  listenUnix(path: string): Promise<void>;
  /** For connections from now on. Throws when the server takes no TLS and when key and certificate do not fit. */
  reloadTls(tls: ServerTls): void;
  /**
   * Refuses new calls, waits up to `graceMs` for open ones, then cancels what is left and closes. Idempotent.
   * Handlers of long streams are expected to end when the service drains, before this is called.
   */
  stop(graceMs: number): Promise<void>;
  /** What counts against `maxUnsentBytes` now. */
  readonly unsentBytes: number;
}
