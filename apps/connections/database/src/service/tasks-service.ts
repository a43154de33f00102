/** Task states as both APIs use them: checks requests, fills in defaults, pages. */
import { type Ending, limits, nextTurn } from '@connections/runtime';
import { failure, RequestCheck } from '@connections/runtime/errors';
import { pagePosition, pageToken } from '../domain/page-token.ts';
import type { TtlPolicy } from '../domain/ttl-policy.ts';
import type {
  ReadOptions,
  Source,
  Task,
  TaskPatch,
  TaskRead,
  TaskRef,
  TaskRemoved,
  TaskState,
  Tasks,
  TaskWritten,
  Transition,
  WriteOptions,
} from '../port/tasks.ts';
import { checkPatch, checkState, checkTaskRef } from './task-request.ts';

export interface TasksServiceOptions {
  readonly tasks: Tasks;
  readonly ttlPolicy: TtlPolicy;
}

export interface TaskListing {
  readonly namespace: string;
  /** Any when empty, as the other filters. */
  readonly category: string;
  readonly importName: string;
  readonly status: string;
  /** The default when 0. */
  readonly pageSize: number;
  /** Empty for the first page. */
  readonly pageToken: string;
}

/** What a listing could find out, and how far to trust it. */
export interface TaskList {
  readonly tasks: readonly Task[];
  readonly source: Source;
  readonly partial: boolean;
}

export class TasksService {
  readonly #tasks: Tasks;
  readonly #ttlPolicy: TtlPolicy;

  constructor(options: TasksServiceOptions) {
    this.#tasks = options.tasks;
    this.#ttlPolicy = options.ttlPolicy;
  }

  /** Rejects with ALREADY_EXISTS when there is such a task. */
  create(ref: TaskRef, state: TaskState, options: WriteOptions, signal: Ending): Promise<TaskWritten> {
    return this.#write(ref, state, { ...options, ifAbsent: true }, signal);
  }

  /** Creates the task or replaces its whole state. */
  put(ref: TaskRef, state: TaskState, options: WriteOptions, signal: Ending): Promise<TaskWritten> {
    return this.#write(ref, state, { ...options, ifAbsent: false }, signal);
  }

  async #write(
    ref: TaskRef,
    state: TaskState,
    options: WriteOptions & { readonly ifAbsent: boolean },
    signal: Ending,
  ): Promise<TaskWritten> {
    const check = new RequestCheck();
    const task = checkTaskRef(check, ref);
    checkState(check, state);
    check.requestId(options.requestId);
    check.done();
    return this.#tasks.put(task, state, options, signal);
  }

  /** Rejects with NOT_FOUND for an unknown task, ABORTED for another revision than expected. */
  async patch(
    ref: TaskRef,
    patch: TaskPatch,
    options: WriteOptions & { readonly expectedRevision: number | undefined },
    signal: Ending,
  ): Promise<TaskWritten> {
    const check = new RequestCheck();
    const task = checkTaskRef(check, ref);
    checkPatch(check, patch);
    check.requestId(options.requestId);
    if (options.expectedRevision !== undefined) {
      check.integer('expected_revision', options.expectedRevision, [1, Number.MAX_SAFE_INTEGER]);
    }
    check.done();
    return this.#tasks.patch(task, patch, options, signal);
  }

  /** Rejects with NOT_FOUND for an unknown task. */
  async get(ref: TaskRef, options: ReadOptions, signal: Ending): Promise<TaskRead & { readonly task: Task }> {
    const { task, source, token } = await this.find(ref, options, signal);
    if (!task) throw unknown(ref);
    return { task, source, token };
  }

  /** As `get`, with an undefined task for an unknown one. */
  async find(ref: TaskRef, options: ReadOptions, signal: Ending): Promise<TaskRead> {
    return this.#tasks.get(this.#checkedRef(ref), options, signal);
  }

  /** The tasks that match every given filter, the most recently updated first. */
  async list(listing: TaskListing, signal: Ending): Promise<TaskList & { readonly nextPageToken: string }> {
    const { category, importName, status } = listing;
    const check = new RequestCheck();
    const namespace = check.namespace(listing.namespace);
    check.label('category', category, limits.categoryBytes);
    check.label('import_name', importName, limits.keyBytes);
    check.label('status', status, limits.statusBytes);
    const limit = check.pageSize(listing.pageSize);
    check.done();
    const filter = ['tasks', namespace, category, importName, status];
    const after = pagePosition(filter, listing.pageToken);
    const query = {
      namespace,
      category: category || undefined,
      importName: importName || undefined,
      status: status || undefined,
    };
    const page = await this.#tasks.list(query, { after, limit, maxBytes: limits.pageBytes }, signal);
    const { tasks, source, partial, next } = page;
    return { tasks, source, partial, nextPageToken: next === undefined ? '' : pageToken(filter, next) };
  }

  /**
   * Every task of an import name, once, without its `fields`, until they are all found or pass `maxBytes`: `truncated`. A
   * view may have a task that is written meanwhile on two pages: what it was last counts.
   */
  async ofImportName(
    namespace: string,
    category: string,
    importName: string,
    { maxBytes, bytesOf }: { readonly maxBytes: number; readonly bytesOf: (task: Task) => number },
    signal: Ending,
  ): Promise<TaskList & { readonly truncated: boolean }> {
    const check = new RequestCheck();
    const space = check.namespace(namespace);
    check.name('category', category, limits.categoryBytes);
    check.name('import_name', importName, limits.keyBytes);
    check.done();
    const query = { namespace: space, category, importName, status: undefined };
    const tasks = new Map<string, Task>();
    let bytes = 0;
    let partial = false;
    let after: string | undefined;
    for (;;) {
      const bounds = { after, limit: limits.pageSize, maxBytes: limits.pageBytes };
      const page = await this.#tasks.list(query, bounds, signal);
      partial ||= page.partial;
      const list = (truncated: boolean) => {
        return { tasks: [...tasks.values()], source: page.source, partial, truncated };
      };
      for (const task of page.tasks) {
        const before = tasks.get(task.id);
        bytes += bytesOf(task) - (before ? bytesOf(before) : 0);
        if (bytes > maxBytes) return list(true);
        // No reply shows the fields, which may be many times as large as the rest.
        tasks.set(task.id, { ...task, fields: new Map() });
      }
      if (page.next === undefined) return list(false);
      after = page.next;
      await nextTurn(signal);
    }
  }

  /** The changes of status of one task, oldest first. Rejects with NOT_FOUND for an unknown task. */
  async transitions(
    ref: TaskRef,
    signal: Ending,
  ): Promise<{ readonly transitions: readonly Transition[]; readonly source: Source }> {
    const history = await this.#tasks.transitions(this.#checkedRef(ref), signal);
    if (!history) throw unknown(ref);
    return history;
  }

  /** Rejects with NOT_FOUND for an unknown task. */
  async remove(ref: TaskRef, options: WriteOptions, signal: Ending): Promise<TaskRemoved> {
    const check = new RequestCheck();
    const task = checkTaskRef(check, ref);
    check.requestId(options.requestId);
    check.done();
    const removed = await this.#tasks.remove(task, options, signal);
    if (!removed.removed) throw unknown(ref);
    return removed;
  }

  /** How long a status may be served without asking again. */
  statusTtlSeconds(status: string): number {
    return this.#ttlPolicy(status);
  }

  ping(signal: Ending): Promise<void> {
    return this.#tasks.ping(signal);
  }

  #checkedRef(ref: TaskRef): TaskRef {
    const check = new RequestCheck();
    const task = checkTaskRef(check, ref);
    check.done();
    return task;
  }
}

function unknown({ category, id }: TaskRef) {
  return failure('TASK_NOT_FOUND', { category, id });
}
