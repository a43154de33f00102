/** What the steps of the protocol are given: the two stores, and all else that is not in their hands. */
import type { TaskLedger } from '../port/task-ledger.ts';
import type { TaskView } from '../port/task-view.ts';
import type { DualBounds } from './dual-bounds.ts';
import type { homecoming } from './homecoming.ts';
import type { Pace } from './pace.ts';

/** What happens that an operator may want to count. */
export type DualEvent =
  | 'filled'
  | 'lease-waited'
  | 'buffered'
  | 'drained'
  | 'conflict'
  /** Its stores were lost on the way, or the task changed under every try. */
  | 'drain-failed'
  /** A feed ended, or a store was lost: the view is not repaired until another one is open. */
  | 'tail-interrupted'
  /** The view lost what it knew of the feed: its store fell back to an older image, or another tails as well. */
  | 'checkpoint-moved'
  /** The feed no longer reached back to the checkpoint: a partition was forgotten. */
  | 'history-lost'
  /** A write was not buffered, for the view's store might drop it. */
  | 'unsafe'
  /** A sample: long after a write the view still had what the ledger had no more. */
  | 'diverged';

export interface DualStores {
  readonly view: TaskView;
  readonly ledger: TaskLedger;
  readonly pace: Pace;
  readonly bounds: DualBounds;
  /** Rule 10: how long a status may stay in the view. */
  readonly ttlMs: (status: string) => number;
  /** Rule 8: what a buffer becomes. */
  readonly decide: typeof homecoming;
  readonly note: (event: DualEvent) => void;
}

/** Rule 5: a tenth more or less, so that what was filled together does not expire together. */
export function entryTtlMs({ ttlMs, pace }: DualStores, status: string): number {
  return Math.round(ttlMs(status) * (0.9 + 0.2 * pace.random()));
}
