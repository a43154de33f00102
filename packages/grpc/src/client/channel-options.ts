/** What may be set of a channel. Times are milliseconds, sizes bytes. */
import type { ClientInterceptor } from './intercepted-channel.ts';

/** PEM, one or several certificates or keys after another. */
export type Pem = string | Uint8Array;

export interface ClientTls {
  /** Whom to trust. @default the authorities that Node trusts */
  readonly ca?: Pem;
  /** The client's own certificate chain and its key, for servers that ask who is calling. */
  readonly cert?: Pem;
  readonly key?: Pem;
  /** What the server's certificate has to hold, in place of the host of the target. */
  readonly serverName?: string;
}

export type Balancing = 'pick_first' | 'round_robin';

export interface BackoffOptions {
  /** From one attempt to the next, after the first has failed. @default 1 000 */
  readonly initialMs?: number;
  /** It grows by 1.6 with each, to no more than this, a fifth more or less. @default 120 000 */
  readonly maxMs?: number;
}

export interface ChannelOptions {
  /** Largest message taken or sent; a larger one is RESOURCE_EXHAUSTED. @default 4 MiB */
  readonly maxMessageBytes?: number;
  /** Largest header block taken. @default 8 KiB */
  readonly maxMetadataBytes?: number;
  /** How requests are sent. Responses are taken either way. @default 'identity' */
  readonly compression?: 'identity' | 'gzip';
  /**
   * `pick_first` has one connection, to the first address that answers. `round_robin` has one to each address and takes
   * turns. @default 'round_robin' for a target that lists several addresses, else 'pick_first'
   */
  readonly balancing?: Balancing;
  /**
   * Encrypts. A function is asked again for each new connection, so that certificates can be replaced.
   * @default none: the connection is plain
   */
  readonly tls?: ClientTls | (() => ClientTls | Promise<ClientTls>);
  /** What servers are told they are called by. @default the host and port of the target */
  readonly authority?: string;
  /**
   * A connection with open calls that was silent for so long is asked whether it lives; those that follow a server's
   * `too_many_pings` twice as long. @default 20 000
   */
  readonly keepaliveMs?: number;
  /** Its calls end with UNAVAILABLE when it does not answer that within. @default 10 000 */
  readonly keepaliveTimeoutMs?: number;
  /** An attempt to connect, to the server's first word, takes no longer. @default 20 000 */
  readonly connectTimeoutMs?: number;
  /** How long a server that cannot be reached is left alone. */
  readonly backoff?: BackoffOptions;
  /** A name is looked up again when a connection was lost, but no more often than this. @default 30 000 */
  readonly minResolveIntervalMs?: number;
  /**
   * Servers are asked by `grpc.health.v1.Health/Watch` for this service, '' being the whole server, and get calls only while
   * it is SERVING. One that has no such method counts as healthy. @default not asked
   */
  readonly healthCheck?: string;
  /** Around every call, the first outermost. @default [] */
  readonly interceptors?: readonly ClientInterceptor[];
}
