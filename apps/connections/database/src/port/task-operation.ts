/** A write on a task as data, so that it can be sent twice, wait in a buffer and be found again in what it left. */
import type { Task, TaskPatch, TaskState } from './tasks.ts';

interface Asked {
  /** One operation, one id: the caller's, or one made for the call. */
  readonly requestId: string;
  readonly principal: string;
}

export type TaskOperation =
  | (Asked & { readonly kind: 'put'; readonly state: TaskState; readonly ifAbsent: boolean })
  | (Asked & {
      readonly kind: 'patch';
      readonly patch: TaskPatch;
      readonly expectedRevision: number | undefined;
    })
  | (Asked & { readonly kind: 'remove' });

/** Which life of a task, and how many writes into it. Equal stamps: the same state, but for what foreign writers did. */
export interface TaskStamp {
  readonly incarnation: string;
  readonly revision: number;
}

/** Which operation made which revision. */
export interface RingEntry {
  readonly revision: number;
  readonly requestId: string;
  /** Of an operation that came home from a buffer. */
  readonly mark?: string;
}

/** A committed task with its ring: the newest 16 operations that made it, oldest first. */
export interface TaskRecord {
  readonly task: Task;
  readonly ring: readonly RingEntry[];
}

export interface BufferedOperation {
  /**
   * Made anew for each time that an operation enters a buffer. A buffer is what its last mark says: two that end with the
   * same mark are the same, also when the store has fallen back to an older image between.
   */
  readonly mark: string;
  /** Epoch milliseconds, by the clock of who buffered it: shown to people, decides nothing but the age of a blind put. */
  readonly at: number;
  readonly operation: TaskOperation;
}
