/**
 * The view: a fast copy of tasks that repairs itself from the ledger's feed and, while the ledger is away, a buffer of
 * operations. It may lose everything, or fall back to an older image of itself, at any moment.
 */
import type { Ending } from '../domain/call-ending.ts';

import type { Checkpoint, FeedEvent } from './task-ledger.ts';
import type { BufferedOperation, RingEntry, TaskRecord, TaskStamp } from './task-operation.ts';
import type { Task, TaskQuery, TaskRef } from './tasks.ts';

export interface ViewEntry {
  /** What the entry was built on; undefined where a put began without knowing the task. */
  readonly base: TaskStamp | undefined;
  /** The base with the buffered operations folded in; undefined when the last of them removed it. */
  readonly task: Task | undefined;
  /** Has a buffer: nothing but `append` and `drop` touches it, and it has no expiry. */
  readonly buffered: boolean;
}

/** An entry with what only those need who append to it or bring it home. */
export interface WholeEntry extends ViewEntry {
  /** Of the base. */
  readonly ring: readonly RingEntry[];
  /** Oldest first; empty unless buffered. */
  readonly operations: readonly BufferedOperation[];
}

export type LeaseOutcome =
  /** The caller alone may fill, from a read that is as new as the checkpoint. */
  | { readonly outcome: 'GRANTED'; readonly lease: string; readonly checkpoint: Checkpoint }
  /** Another has it. */
  | { readonly outcome: 'HELD' }
  /** There is an entry by now, or the partition has no checkpoint and so nobody who would repair it. */
  | { readonly outcome: 'DENIED' };

/** What there was when the new state was made. Compared whole; `mark` of the last buffered operation. */
export interface AppendBase {
  readonly stamp: TaskStamp | undefined;
  readonly mark: string | undefined;
}

export interface Append {
  /** Undefined: no entry. */
  readonly on: AppendBase | undefined;
  readonly operation: BufferedOperation;
  /** With the operation folded in; undefined when it removes. */
  readonly task: Task | undefined;
  /**
   * From now, by the view's own clock: later it does nothing, however long it was on its way. A clock that is set back by less
   * than 20 ms meanwhile adds that.
   */
  readonly withinMs: number;
}

export type AppendOutcome =
  | 'APPENDED'
  /** The entry is not what it was. */
  | 'CHANGED'
  /** It arrived after its time. */
  | 'LATE'
  /**
   * Too many keys, bytes or operations are buffered, or for too long. Redis counts keys, bytes and time in each partition, 1 562
   * and 4 MiB of JSON, and an operation both in the buffer and in the entry: one of 2 MiB may be the first that is refused.
   */
  | 'FULL'
  /** The store might throw buffered entries away. */
  | 'UNSAFE';

export interface DirtyKeys {
  /** Of all partitions. */
  readonly count: number;
  readonly bytes: number;
  /** Since when the oldest waits, in epoch milliseconds. */
  readonly oldestAt: number | undefined;
  /**
   * The oldest, at most as many as asked for. Where partitions are asked apart, of what each has told: its oldest 16 or a
   * sixteenth of what was asked for, whichever is more.
   */
  readonly refs: readonly TaskRef[];
}

/** Of operations that the view must have seen in one piece. */
export interface TailStep {
  /** Does nothing unless this is the checkpoint; undefined: unless there is none. */
  readonly from: Checkpoint | undefined;
  readonly to: Checkpoint;
  /** What happened to a task of the partition between the two. */
  readonly event?: FeedEvent;
  /** Nobody knows what happened between the two: every entry of the partition is forgotten that is not buffered, every lease too. */
  readonly forget?: boolean;
}

/** Repair (rule 4). A partition is what one step can change atomically; each has its own checkpoint. */
export interface ViewTail {
  readonly partitions: number;
  partitionOf(ref: TaskRef): number;
  /**
   * Makes `holder` the one who tails the partition for `forMs` more, unless another is. Two who both think they are do
   * no harm: their steps compare checkpoints.
   */
  claim(
    partition: number,
    holder: string,
    forMs: number,
    signal: Ending,
  ): Promise<{ readonly held: boolean; readonly checkpoint: Checkpoint | undefined }>;
  /**
   * One step. An event kills the lease of its task and drops the entry, unless that is buffered, or has the event's
   * incarnation and at least its revision while the event is neither a removal nor foreign. False: the checkpoint is
   * another, and nothing was done.
   */
  advance(partition: number, step: TailStep, signal: Ending): Promise<boolean>;
}

/**
 * Each method but `list` and `dirty` is atomic on one task. Rejects with STORE_UNREACHABLE when it did and will do nothing, with
 * OUTCOME_UNKNOWN when it may have, or still may: `append` only after `withinMs`. `lease` and `fill` reject with STORE_FULL where
 * the store has no memory for them; `append` answers FULL then. Only `fill` and `append` insert (rule 6).
 */
export interface TaskView {
  /** What is known without asking: false makes every call fail at once. */
  readonly reachable: boolean;
  readonly tail: ViewTail;
  read(ref: TaskRef, signal: Ending): Promise<ViewEntry | undefined>;
  readWhole(ref: TaskRef, signal: Ending): Promise<WholeEntry | undefined>;
  /** Rule 5. A lease ends by itself after `forMs`. */
  lease(ref: TaskRef, forMs: number, signal: Ending): Promise<LeaseOutcome>;
  /** Rule 5. Inserts if the lease is still there; false otherwise. The entry expires after `ttlMs`. */
  fill(ref: TaskRef, lease: string, record: TaskRecord, ttlMs: number, signal: Ending): Promise<boolean>;
  /**
   * Rule 3: this was committed; undefined for a removal, and where there is no task. Kills the lease; never inserts; leaves a buffered entry alone.
   * Replaces an entry of the same incarnation and a smaller revision, keeps one of the same or a greater, drops any
   * other.
   */
  tell(ref: TaskRef, record: TaskRecord | undefined, ttlMs: number, signal: Ending): Promise<void>;
  /** Rule 7. Kills the lease; base and ring of an entry stay as they are; the key becomes dirty. */
  append(ref: TaskRef, append: Append, signal: Ending): Promise<AppendOutcome>;
  /**
   * Rule 8, its end: drops the entry and its lease when its last mark is still this one. False when it is another. A key
   * without a buffered entry is no longer dirty, whatever the mark: true.
   */
  drop(ref: TaskRef, mark: string, signal: Ending): Promise<boolean>;
  /** Rule 8: what waits to come home. */
  dirty(limit: number, signal: Ending): Promise<DirtyKeys>;
  /**
   * Rule 9, while the ledger is away: those of the entries that match, in any order that `after` can follow. An entry that is
   * written between two pages may be on both.
   */
  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<{ readonly tasks: readonly Task[]; readonly next: string | undefined }>;
  ping(signal: Ending): Promise<void>;
}
