/** The ledger: the authority on tasks. It commits operations one by one, numbers them, and tells what it committed. */
import type { Ending } from '../domain/call-ending.ts';

import type { TaskConflicts } from './task-conflicts.ts';
import type { TaskOperation, TaskRecord, TaskStamp } from './task-operation.ts';
import type { Task, TaskPage, TaskQuery, TaskRef, Transition } from './tasks.ts';

/** A place in the feed. Opaque to all but the ledger. */
export type Checkpoint = string;

export type CommitOutcome =
  | {
      readonly outcome: 'COMMITTED';
      /** As it is now: a repeated request finds what others made of it since. Undefined after a removal. */
      readonly record: TaskRecord | undefined;
      /** A put created the task, or a removal found one. False for a repeated put. */
      readonly changed: boolean;
    }
  /** The task, as it is, does not allow it: NOT_FOUND, ALREADY_EXISTS, ABORTED, INVALID_ARGUMENT. Nothing was done. */
  | { readonly outcome: 'REFUSED'; readonly error: Error }
  /** Nothing was done, and nothing will be. */
  | { readonly outcome: 'AWAY'; readonly error: Error }
  /** It may have been done. It will not be from now on: its time has passed, by the ledger's own clock. */
  | { readonly outcome: 'UNKNOWN'; readonly error: Error };

/** The newest removal of a task that is not there; kept for a day. */
export interface Removal {
  /** Differs from every other removal's. */
  readonly id: string;
  readonly requestId: string;
  /** Of one that came home from a buffer. */
  readonly mark?: string;
}

/** All that a buffer is compared with. */
export interface Account {
  readonly record: TaskRecord | undefined;
  /** Undefined where there is a task. */
  readonly removal: Removal | undefined;
}

/** What is known of a name: there is a task, there was one that was removed in the last day, or neither. */
export type Standing = 'THERE' | 'REMOVED' | 'UNKNOWN';

/** What the remaining operations of a buffer make of a task, as one change. */
export interface Settlement {
  /**
   * Applied on exactly this: a task at its stamp, or no task and no removal since the one seen (none, when undefined).
   * Where one operation cannot see both: reserve the identity by what no reader finds and every write takes for absent,
   * look for removals again, and make the reservation the task if nobody took it meanwhile.
   */
  readonly on: { readonly stamp: TaskStamp } | { readonly removal: string | undefined };
  /** Undefined: removed. Its incarnation is the ledger's when there was no task; `updatedAt` is the ledger's time. */
  readonly task: Task | undefined;
  /** In order. Each counts as one revision and has its entry in the ring; the last one's is what a removal keeps. */
  readonly operations: readonly { readonly requestId: string; readonly mark: string }[];
  /** The changes of status among them, numbered as the operations are. */
  readonly transitions: readonly Transition[];
}

/** A change of a task, as the feed tells it. The state may be newer than the change. */
export interface FeedEvent {
  readonly ref: TaskRef;
  /** Undefined: removed. */
  readonly stamp: TaskStamp | undefined;
  /** Another program's write: it raised no revision. */
  readonly foreign: boolean;
}

export interface FeedStep {
  /** Everything up to here has been told. */
  readonly checkpoint: Checkpoint;
  /** None: a second without any. */
  readonly event?: FeedEvent;
}

export interface Feed extends AsyncDisposable {
  /** Where it begins: everything that is committed after `feed` resolved comes after it. */
  readonly start: Checkpoint;
  /** Rejects when it is interrupted: another one has to be opened. */
  next(signal: Ending): Promise<FeedStep>;
}

/** Majority writes only: nothing that it answered is ever taken back. Reads reject with STORE_UNREACHABLE without an answer. */
export interface TaskLedger {
  /** What is known without asking: false makes every call fail at once. */
  readonly reachable: boolean;
  readonly conflicts: TaskConflicts;
  /**
   * Rules 1 and 2: one atomic operation on one task. A request id that is in the ring, or in a removal that is kept, has
   * no second effect. Later than `withinMs` from now it does nothing, however long it was on its way.
   */
  commit(ref: TaskRef, operation: TaskOperation, withinMs: number, signal: Ending): Promise<CommitOutcome>;
  /** As new as `after`; with `exact`, as everything that anyone was answered before the call. */
  read(
    ref: TaskRef,
    age: { readonly after: Checkpoint | undefined; readonly exact: boolean },
    signal: Ending,
  ): Promise<TaskRecord | undefined>;
  /** Rule 8: as new as everything that anyone was answered before the call. */
  account(ref: TaskRef, signal: Ending): Promise<Account>;
  /** Of tasks of one namespace, in their order, a few hundred at most; as new as an account. */
  standings(refs: readonly TaskRef[], signal: Ending): Promise<readonly Standing[]>;
  /**
   * Rule 8: one compare-and-set. False when the task is not what it was. Rejects with OUTCOME_UNKNOWN when it may have
   * happened; like a commit, it does not happen long after: `account` tells, by the marks.
   */
  settle(ref: TaskRef, settlement: Settlement, signal: Ending): Promise<boolean>;
  /** Rule 4: from the oldest of the checkpoints, or from now. `LOST`: it no longer reaches back so far. */
  feed(from: readonly Checkpoint[], signal: Ending): Promise<Feed | 'LOST'>;
  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage>;
  transitions(ref: TaskRef, signal: Ending): Promise<readonly Transition[] | undefined>;
  /**
   * Of one that does not keep tasks for ever: while `mayRemove`, removes those whose time is over, each as a commit on
   * exactly what was found. Resolves when the signal aborts.
   */
  removeExpired?(mayRemove: () => boolean, signal: Ending): Promise<void>;
  ping(signal: Ending): Promise<void>;
}
