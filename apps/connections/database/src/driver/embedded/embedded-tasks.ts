/** The task port on the embedded store: one store, so every write is DURABLE and every read comes from the authority. */
import { randomUUID } from 'node:crypto';
import type { EmbeddedStore } from '@connections/embedded-store';
import type { Clock, Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { withRequest } from '../../domain/request-ring.ts';
import { readBytes } from '../../domain/task-bounds.ts';
import { createdTask, patchedTask, replacedTask, transitionOf } from '../../domain/task-transition.ts';
import type {
  ReadOptions,
  Source,
  Task,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskRead,
  TaskRef,
  TaskRemoved,
  TaskState,
  Tasks,
  TaskWritten,
  Transition,
  WriteOptions,
} from '../../port/tasks.ts';
import { PortGate } from './port-gate.ts';
import { RemovalMemory } from './removal-memory.ts';
import { type StoredTask, TaskTables } from './task-tables.ts';
import { checkTaskToken, taskToken } from './task-token.ts';

export class EmbeddedTasks implements Tasks {
  readonly capabilities = { durable: true };
  readonly #clock: Clock;
  readonly #gate: PortGate;
  readonly #tables: TaskTables;
  readonly #removals: RemovalMemory<boolean>;

  constructor(store: EmbeddedStore, clock: Clock) {
    this.#clock = clock;
    this.#gate = new PortGate(store, 'task store');
    this.#tables = new TaskTables(store);
    this.#removals = new RemovalMemory(store, 'task');
  }

  put(
    ref: TaskRef,
    state: TaskState,
    options: WriteOptions & { readonly ifAbsent: boolean },
    signal: Ending,
  ): Promise<TaskWritten> {
    return this.#gate.write(signal, () => {
      const stored = this.#tables.get(ref);
      const now = this.#clock.now();
      if (!stored)
        return this.#write(undefined, createdTask(ref, state, { incarnation: randomUUID(), now }), options);
      if (isRepeated(stored, options)) return written(stored.task, false);
      if (options.ifAbsent) throw failure('TASK_EXISTS', { category: ref.category, id: ref.id });
      return this.#write(stored, replacedTask(stored.task, state, now), options);
    });
  }

  patch(
    ref: TaskRef,
    patch: TaskPatch,
    options: WriteOptions & { readonly expectedRevision: number | undefined },
    signal: Ending,
  ): Promise<TaskWritten> {
    const { category, id } = ref;
    return this.#gate.write(signal, () => {
      const stored = this.#tables.get(ref);
      if (!stored) throw failure('TASK_NOT_FOUND', { category, id });
      if (isRepeated(stored, options)) return written(stored.task, false);
      const expected = options.expectedRevision;
      const actual = stored.task.revision;
      if (expected !== undefined && expected !== actual) {
        throw failure('TASK_REVISION_CONFLICT', { category, id, actual, expected });
      }
      return this.#write(stored, patchedTask(stored.task, patch, this.#clock.now()), options);
    });
  }

  remove(ref: TaskRef, options: WriteOptions, signal: Ending): Promise<TaskRemoved> {
    const identity = [ref.namespace, ref.category, ref.id];
    const change = (): TaskRemoved => {
      const before = this.#removals.recall(identity, options.requestId);
      if (before !== undefined) return removal(before);
      const stored = this.#tables.get(ref);
      if (stored && isRepeated(stored, options)) return removal(false);
      if (stored) this.#tables.remove(stored);
      this.#removals.remember(identity, options.requestId, stored !== undefined);
      return removal(stored !== undefined);
    };
    return this.#gate.write(signal, change, { frees: true });
  }

  get(ref: TaskRef, { token }: ReadOptions, signal: Ending): Promise<TaskRead> {
    return this.#gate.read(signal, () => {
      if (token !== undefined) checkTaskToken(token);
      return { task: this.#tables.get(ref)?.task, source: 'AUTHORITY', token: taskToken };
    });
  }

  /**
   * A cursor is the place of a write in the order of all writes. Whatever is written between two pages moves to the
   * front, before any cursor; so a task that is not written meanwhile is met once.
   */
  list(
    query: TaskQuery,
    {
      after,
      limit,
      maxBytes,
    }: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage> {
    return this.#gate.read(signal, () => {
      const tasks: Task[] = [];
      let bytes = 0;
      let last: number | undefined;
      for (const { task, order } of this.#tables.matching(query, positionOf(after))) {
        bytes += readBytes(task);
        if (tasks.length >= limit || (tasks.length > 0 && bytes > maxBytes)) {
          return { tasks, next: String(last), source: 'AUTHORITY', partial: false };
        }
        tasks.push(task);
        last = order;
      }
      return { tasks, next: undefined, source: 'AUTHORITY', partial: false };
    });
  }

  transitions(
    ref: TaskRef,
    signal: Ending,
  ): Promise<{ readonly transitions: readonly Transition[]; readonly source: Source } | undefined> {
    return this.#gate.read(
      signal,
      () =>
        this.#tables.get(ref) && { transitions: this.#tables.transitions(ref), source: 'AUTHORITY' as const },
    );
  }

  ping(signal: Ending): Promise<void> {
    return this.#gate.read(signal, () => void this.#tables.get({ namespace: '', category: '', id: '' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.close();
  }

  #write(before: StoredTask | undefined, task: Task, { requestId, principal }: WriteOptions): TaskWritten {
    const requests = before?.requests ?? [];
    this.#tables.put(
      before,
      task,
      requestId === undefined ? requests : withRequest(requests, requestId),
      transitionOf(before?.task, task, principal),
    );
    return written(task, before === undefined);
  }
}

function isRepeated({ requests }: StoredTask, { requestId }: WriteOptions): boolean {
  return requestId !== undefined && requests.includes(requestId);
}

function written(task: Task, created: boolean): TaskWritten {
  return { task, created, durability: 'DURABLE', token: taskToken };
}

function removal(removed: boolean): TaskRemoved {
  return { removed, durability: 'DURABLE', token: taskToken };
}

function positionOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,16}$/.test(cursor)) throw failure('PAGE_TOKEN_INVALID', {});
  return Number(cursor);
}
