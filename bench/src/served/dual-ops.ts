/** The operations that the dual store is measured by. */
import type { LoopResult } from './closed-loop.ts';

export type DualOp =
  /** Of a task that the ledger has. */
  | 'patch'
  /** The first page. */
  | 'list'
  /** The same update as `patch`, by the bare driver. */
  | 'bare patch'
  /** The same scan of the index as `list`. */
  | 'bare list'
  /** So many of them in one bulk write, and one read of the tasks. */
  | 'bare patches of 64';

export type BareDualOp = Exclude<DualOp, 'patch' | 'list'>;

export type DualQuestion =
  /**
   * Before `open`, whose feed then begins after them, or for the bare driver: puts so many tasks into the ledger, or as many as it takes in that
   * time. Answers with a `LedgerFilled`.
   */
  | {
      readonly ask: 'fill ledger';
      readonly mongo: string;
      readonly tasks: number;
      readonly withinMs: number;
    }
  /** `first`: of the tasks that patches go around, which must be no other process's. */
  | { readonly ask: 'open'; readonly redis: string; readonly mongo: string; readonly first: number }
  | { readonly ask: 'run'; readonly op: DualOp; readonly inFlight: number; readonly runMs: number };

export interface LedgerFilled {
  readonly tasks: number;
  /** Of one update of a task by the bare driver, with them all there. */
  readonly updateMs: number;
}

export type DualAnswer = LoopResult | LedgerFilled | undefined;
