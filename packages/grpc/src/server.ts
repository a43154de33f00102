/** A gRPC server, whatever transport it runs on. */
import type { Handlers } from './handler.ts';
import type { Interceptor } from './interceptor.ts';
import type { ServiceDefinition } from './method.ts';

export interface ServerOptions {
  /** Around every call, the first outermost. @default [] */
  readonly interceptors?: readonly Interceptor[];
  /** Largest message taken or sent, in bytes; a larger one is RESOURCE_EXHAUSTED. @default 4 MiB */
  readonly maxMessageBytes?: number;
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
   * Refuses new calls, waits up to `graceMs` for open ones, then cancels what is left and closes. Idempotent.
   * Handlers of long streams are expected to end when the service drains, before this is called.
   */
  stop(graceMs: number): Promise<void>;
  /** What counts against `maxUnsentBytes` now. */
  readonly unsentBytes: number;
}
