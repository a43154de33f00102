/** What a host runs: a service with its drivers behind it, ready to be mounted on a server. */
import type { Server } from '@connections/grpc';
import type { Metrics } from './metrics/metrics.ts';

/** A port of the service and what stands behind it, for people. */
export interface DriverDescription {
  /** `cache`, `tasks`, ... */
  readonly port: string;
  /** `embedded`, `redis`, ... */
  readonly driver: string;
  /** Acknowledged writes survive the process. */
  readonly persists: boolean;
  /** Folder or address, without credentials. */
  readonly where: string;
}

/** Where something is to listen, and the variable that changes the port. */
export interface ListenAddress {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly portVariable: string;
}

export interface ComposedService extends AsyncDisposable, ListenAddress {
  /** `database`, `messaging`. */
  readonly name: string;
  /** The side port. */
  readonly http: ListenAddress;
  /** Full names of its gRPC services, for health checks. */
  readonly healthServices: readonly string[];
  readonly drivers: readonly DriverDescription[];
  /** What an operator should know at the start: settings that have no effect. */
  readonly notices: readonly string[];
  /** The scope that a caller needs, by the path of the rpc; every rpc that is mounted has a row. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Adds its gRPC services. */
  mount(server: Server): void;
  /** Announces the stop to long streams and resolves when they have ended, at the latest after `graceMs`. */
  drain(graceMs: number): Promise<void>;
  /** By port: rejects when the store behind it, which the service cannot do without, does not answer. */
  readonly pings: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
  /** By port: what its store lacks though it answers, each with the way out; for the operator. @default nothing */
  readonly concerns?: Readonly<Record<string, () => readonly string[]>>;
  /** By port: what stores of this kind do not promise; nothing is wrong with them. @default nothing */
  readonly portNotices?: Readonly<Record<string, () => readonly string[]>>;
  /** Its own; the host adds what it knows and exports them. */
  readonly metrics: Metrics;
}
