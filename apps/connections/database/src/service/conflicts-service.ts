/** What an operator does with conflicts: looks, writes the operations after all, or lets them go. */
import { type Ending, limits } from '@connections/runtime';
import { failure, RequestCheck } from '@connections/runtime/errors';
import { operationBytes } from '../domain/operation-bytes.ts';
import { pagePosition, pageToken } from '../domain/page-token.ts';
import type { Conflict, TaskConflicts } from '../port/task-conflicts.ts';
import type { BufferedOperation, TaskOperation } from '../port/task-operation.ts';
import type { TaskRef, Tasks } from '../port/tasks.ts';

export interface ConflictsServiceOptions {
  /** Undefined where tasks are in one store. */
  readonly conflicts: TaskConflicts | undefined;
  readonly tasks: Tasks;
}

const listing = ['conflicts'];

export class ConflictsService {
  readonly #conflicts: TaskConflicts | undefined;
  readonly #tasks: Tasks;

  constructor(options: ConflictsServiceOptions) {
    this.#conflicts = options.conflicts;
    this.#tasks = options.tasks;
  }

  /** The newest first. */
  async list(
    request: { readonly pageSize: number; readonly pageToken: string },
    signal: Ending,
  ): Promise<{ readonly conflicts: readonly Conflict[]; readonly nextPageToken: string }> {
    const port = this.#port();
    const check = new RequestCheck();
    const limit = check.pageSize(request.pageSize);
    check.done();
    const after = pagePosition(listing, request.pageToken);
    const { conflicts, next } = await port.list({ after, limit }, signal);
    return { conflicts, nextPageToken: next === undefined ? '' : pageToken(listing, next) };
  }

  /** With as many of its operations as one reply can hold, behind those to skip. Rejects with NOT_FOUND. */
  async get(
    id: string,
    skip: number,
    signal: Ending,
  ): Promise<{ readonly conflict: Conflict; readonly operations: readonly BufferedOperation[] }> {
    const port = this.#port();
    checkId(id, (check) => check.integer('skip_writes', skip, [0, 2 ** 31 - 1]));
    const conflict = await port.get(id, signal);
    if (!conflict) throw unknown(id);
    return { conflict, operations: firstOf(conflict.operations.slice(skip)) };
  }

  /**
   * Writes the operations onto the task as it is now, under their own request ids: what took effect meanwhile, of a
   * caller who tried again or of a replay that was interrupted, has no second one. How many were written. Rejects with
   * NOT_FOUND, or as a write does, and keeps the conflict then. Of more operations than a ring has room for, a repeat
   * writes all again in their order, which leaves the same state.
   */
  async replay(id: string, signal: Ending): Promise<number> {
    const port = this.#port();
    checkId(id);
    const conflict = await port.get(id, signal);
    if (!conflict) throw unknown(id);
    const operations = fromLastRemoval(conflict.operations);
    for (const { operation } of operations) await this.#write(conflict.ref, operation, signal);
    // False when another replay was as fast: both wrote the same.
    await port.drop(id, signal);
    return operations.length;
  }

  /** Rejects with NOT_FOUND. */
  async drop(id: string, signal: Ending): Promise<void> {
    const port = this.#port();
    checkId(id);
    if (!(await port.drop(id, signal))) throw unknown(id);
  }

  /** What an operation asked of the task was asked of one that is no more, and an operator has looked. Never buffered. */
  async #write(ref: TaskRef, operation: TaskOperation, signal: Ending): Promise<void> {
    const { requestId, principal } = operation;
    const options = { requestId, principal, allowBuffered: false };
    if (operation.kind === 'put') {
      await this.#tasks.put(ref, operation.state, { ...options, ifAbsent: false }, signal);
    } else if (operation.kind === 'patch') {
      await this.#tasks.patch(ref, operation.patch, { ...options, expectedRevision: undefined }, signal);
    } else {
      await this.#tasks.remove(ref, options, signal);
    }
  }

  #port(): TaskConflicts {
    if (!this.#conflicts) throw failure('CONFLICTS_UNSUPPORTED', {});
    return this.#conflicts;
  }
}

/**
 * What came before leaves nothing, and must not be written: the ring, in which a repeated replay would find it, goes with
 * the removal.
 */
function fromLastRemoval(operations: readonly BufferedOperation[]): readonly BufferedOperation[] {
  const last = operations.findLastIndex(({ operation }) => operation.kind === 'remove');
  return operations.slice(Math.max(0, last));
}

/** At least one, so that asking again comes to an end. The task that was shown has its room beside them. */
function firstOf(operations: readonly BufferedOperation[]): readonly BufferedOperation[] {
  const most = limits.pageBytes - limits.taskBytes;
  let bytes = 0;
  const end = operations.findIndex(({ operation }, index) => {
    bytes += operationBytes(operation);
    return index > 0 && bytes > most;
  });
  return end < 0 ? operations : operations.slice(0, end);
}

function checkId(id: string, more: (check: RequestCheck) => void = () => {}): void {
  const check = new RequestCheck();
  check.name('id', id, limits.keyBytes);
  more(check);
  check.done();
}

function unknown(id: string) {
  return failure('CONFLICT_NOT_FOUND', { id });
}
