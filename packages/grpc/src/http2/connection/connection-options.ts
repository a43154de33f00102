/** What either end of a connection may set. Times are milliseconds, sizes bytes. */

export interface Clock {
  now(): number;
  after(delayMs: number, task: () => void): Disposable;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  /** What this side takes of one stream before it gives bytes back. @default 256 KiB */
  readonly streamWindowBytes?: number;
  /** The same for all streams of the connection together; 65 535 at least, which HTTP/2 begins with. @default 4 MiB */
  readonly connectionWindowBytes?: number;
  /** Largest header list taken. @default 8 KiB */
  readonly maxHeaderListBytes?: number;
  /** The preface and the first SETTINGS of the peer, and its acknowledgement of ours, have to come within. @default 10 000 */
  readonly prefaceTimeoutMs?: number;
  /** A PING after so long without a frame from the peer; a client sends it only while streams are open. @default none */
  readonly keepaliveMs?: number;
  /** The connection is lost when a PING was not answered within. @default 10 000 */
  readonly keepaliveTimeoutMs?: number;
}

export interface ServerConnectionOptions extends ConnectionOptions {
  /** @default 1 000 */
  readonly maxConcurrentStreams?: number;
  /** GOAWAY after so long, with a tenth more or less so that clients do not come back all at once. @default none */
  readonly maxAgeMs?: number;
  /** What streams have after that until they are reset. @default none, for as long as they take */
  readonly maxAgeGraceMs?: number;
  /** GOAWAY after so long without an open stream. @default none */
  readonly maxIdleMs?: number;
  /** A client that sends PINGs more often than this is told ENHANCE_YOUR_CALM. @default 10 000 */
  readonly minPingIntervalMs?: number;
}

export const connectionDefaults = {
  streamWindowBytes: 262_144,
  connectionWindowBytes: 4_194_304,
  maxHeaderListBytes: 8_192,
  prefaceTimeoutMs: 10_000,
  keepaliveTimeoutMs: 10_000,
  maxConcurrentStreams: 1_000,
  minPingIntervalMs: 10_000,
} as const;
