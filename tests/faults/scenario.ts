/** One kind of fault: what happens to what, and what its callers are to see. */
import type { StoreName } from './load/work.ts';
import type { FaultWorld } from './world/fault-world.ts';

export interface Scenario {
  readonly name: string;
  /** Stores that get out of reach: their calls are to be refused, and nobody else's. */
  readonly breaks: readonly StoreName[];
  /** Of our own processes. @default 1 */
  readonly processes?: number;
  /** Process of ours that the fault hits, with the callers whose own it is. */
  readonly process?: number;
  /** Nothing fails, and every answer takes at least this long. */
  readonly slowerMs?: number;
  /** How long a client waits for an answer. @default longer than a service may take */
  readonly clientMs?: number;
  /** Callers that write without a pause. @default a few that pause */
  readonly crowd?: boolean;
  inject(world: FaultWorld): Promise<void> | void;
  /** Resolves when what had failed answers again. */
  heal(world: FaultWorld): Promise<void> | void;
}
