/** The task port: states of tasks, each write atomic on one task and numbered. */
import type { Ending } from '../domain/call-ending.ts';
import type { TaskAdoption } from './task-adoption.ts';
import type { TaskConflicts } from './task-conflicts.ts';

/** The identity of a task. */
export interface TaskRef {
  readonly namespace: string;
  /** The wire contract's `task`: `validation`, `schemas`, ... */
  readonly category: string;
  readonly id: string;
}

export interface TaskState {
  readonly status: string;
  /** An HTTP status code, by the custom of the existing clients; any int32. */
  readonly code: number;
  readonly message: string;
  readonly data: ReadonlyMap<string, string>;
}

export interface Task extends TaskRef, TaskState {
  /** `data["import_name"]`, or `default`. */
  readonly importName: string;
  /** Text that a client of the wire contract stored beside the state; shown by no reply. */
  readonly fields: ReadonlyMap<string, string>;
  /** Identity of this life of the task: another one after it was removed and created again. */
  readonly incarnation: string;
  /** Counts the committed writes of this incarnation, from 1. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface TaskPatch {
  readonly status?: string;
  readonly code?: number;
  readonly message?: string;
  /** First `remove`, then `set`; with `replace` the data becomes `set`. */
  readonly data?: {
    readonly replace: boolean;
    readonly remove: readonly string[];
    readonly set: ReadonlyMap<string, string>;
  };
  readonly fields?: ReadonlyMap<string, string>;
}

/** A change of status. */
export interface Transition {
  readonly revision: number;
  readonly at: number;
  readonly status: string;
  readonly code: number;
  /** The first 1 KiB of it: all 100 transitions fit into one reply. */
  readonly message: string;
  readonly principal: string;
}

export type Durability = 'DURABLE' | 'BUFFERED';
export type Source = 'AUTHORITY' | 'VIEW' | 'VIEW_UNCONFIRMED';

export interface WriteOptions {
  /**
   * The same id again has no second effect, while among the task's last 16: a write is answered with the task as it is
   * now, a removal as it was the first time, even when the task was created again since.
   */
  readonly requestId: string | undefined;
  readonly principal: string;
  /** Accepts BUFFERED while the authority is away. */
  readonly allowBuffered: boolean;
}

export interface TaskWritten {
  /** As this call left it; newer when it repeats a request, or when another process wrote before it was read again. */
  readonly task: Task;
  /** This call created the task. */
  readonly created: boolean;
  readonly durability: Durability;
  /** Opaque: a read that is given it is at least as new as this write. */
  readonly token: string;
}

export interface TaskRemoved {
  /** There was such a task. */
  readonly removed: boolean;
  readonly durability: Durability;
  readonly token: string;
}

export interface ReadOptions {
  /** From a write or a read; ABORTED when no store that answers is as new. */
  readonly token: string | undefined;
  /** Asks the authority. */
  readonly strong: boolean;
}

export interface TaskRead {
  readonly task: Task | undefined;
  readonly source: Source;
  readonly token: string;
}

export interface TaskQuery {
  readonly namespace: string;
  readonly category: string | undefined;
  readonly importName: string | undefined;
  readonly status: string | undefined;
}

export interface TaskPage {
  readonly tasks: readonly Task[];
  /** Opaque to all but the driver; undefined on the last page. A short or empty page may have a successor. */
  readonly next: string | undefined;
  readonly source: Source;
  /** Tasks may be missing because a store is away. */
  readonly partial: boolean;
}

export interface TaskCapabilities {
  readonly durable: boolean;
}

/**
 * Identities, states and bounds are validated before they come here. Writes on one task are serialised: concurrent
 * patches lose nothing of each other. Rejects as the cache port does; a read that misses while the authority is away
 * is UNAVAILABLE, never undefined.
 */
export interface Tasks extends AsyncDisposable {
  readonly capabilities: TaskCapabilities;
  /** Of a store that buffers. */
  readonly conflicts?: TaskConflicts;
  /** The same. */
  readonly adoption?: TaskAdoption;
  /** Creates the task or replaces its state, `fields` included; with `ifAbsent`, ALREADY_EXISTS when there is one. */
  put(
    ref: TaskRef,
    state: TaskState,
    options: WriteOptions & { readonly ifAbsent: boolean },
    signal: Ending,
  ): Promise<TaskWritten>;
  /** NOT_FOUND for an unknown task, ABORTED for another revision than expected. */
  patch(
    ref: TaskRef,
    patch: TaskPatch,
    options: WriteOptions & { readonly expectedRevision: number | undefined },
    signal: Ending,
  ): Promise<TaskWritten>;
  remove(ref: TaskRef, options: WriteOptions, signal: Ending): Promise<TaskRemoved>;
  get(ref: TaskRef, options: ReadOptions, signal: Ending): Promise<TaskRead>;
  /** Tasks that match every given filter, the most recently updated first, by index. */
  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage>;
  /** The newest 100 changes of status, oldest first; undefined for an unknown task. */
  transitions(
    ref: TaskRef,
    signal: Ending,
  ): Promise<{ readonly transitions: readonly Transition[]; readonly source: Source } | undefined>;
  ping(signal: Ending): Promise<void>;
}
