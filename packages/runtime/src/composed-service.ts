/** What a host runs: a service with its drivers behind it, ready to be mounted on a server. */
import type { Server } from '@connections/grpc';

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

export interface ComposedService extends AsyncDisposable {
  /** `database`, `messaging`. */
  readonly name: string;
  /** Where it is to listen, and the variable that changes the port. */
  readonly host: string;
  readonly port: number;
  readonly portVariable: string;
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
  /** Rejects when a store it cannot do without does not answer. */
  ping(signal: AbortSignal): Promise<void>;
}
