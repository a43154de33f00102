/** Conflicts: buffered operations that could not come home, kept whole until an operator decides. */
import type { Ending } from '../domain/call-ending.ts';
import type { BufferedOperation, TaskStamp } from './task-operation.ts';
import type { Task, TaskRef } from './tasks.ts';

export type ConflictReason =
  /** Others have written the task since the buffer was begun. */
  | 'OVERTAKEN'
  /** Others have removed it, or removed it and created it again. */
  | 'REMOVED'
  /** A put began without knowing the task, and there is one, or was one in the last day. */
  | 'BLIND'
  /** A put began without knowing the task, too long ago for removals to be remembered. */
  | 'OLD'
  /** The operations do not fit onto the task as it is. */
  | 'UNFIT';

export interface Conflict {
  /** The last mark of the buffer. */
  readonly id: string;
  readonly ref: TaskRef;
  readonly reason: ConflictReason;
  /** When it was found, in epoch milliseconds. */
  readonly at: number;
  /** What the buffer was built on; undefined for a blind put. */
  readonly base: TaskStamp | undefined;
  /** Of the buffer, those of which it is not known that they took effect; oldest first. */
  readonly operations: readonly BufferedOperation[];
  /** What callers were shown while it was buffered; undefined: removed. */
  readonly shown: Task | undefined;
  /** What stands instead. */
  readonly standing: TaskStamp | undefined;
}

/** Rejects as the ledger does. */
export interface TaskConflicts {
  /** Once for each id: the same again changes nothing. As lasting as a commit. */
  add(conflict: Conflict, signal: Ending): Promise<void>;
  /** The newest first. */
  list(
    page: { readonly after: string | undefined; readonly limit: number },
    signal: Ending,
  ): Promise<{ readonly conflicts: readonly Conflict[]; readonly next: string | undefined }>;
  get(id: string, signal: Ending): Promise<Conflict | undefined>;
  /** False when there is none. */
  drop(id: string, signal: Ending): Promise<boolean>;
}
