/** Rule 7, the write while the ledger is away: one operation more in the buffer of a task that the view knows. */
import type { Ending } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import type { BufferedOperation, TaskOperation } from '../port/task-operation.ts';
import type { WholeEntry } from '../port/task-view.ts';
import type { Task, TaskRef } from '../port/tasks.ts';
import type { Written } from './committed-write.ts';
import type { Drainer } from './drainer.ts';
import type { DualStores } from './dual-stores.ts';
import { foldedTask } from './folded-task.ts';
import { readToken } from './read-mark.ts';
import { unreachable } from './store-loss.ts';

export class BufferedWrite {
  readonly #stores: DualStores;
  readonly #drainer: Drainer;

  constructor(stores: DualStores, drainer: Drainer) {
    this.#stores = stores;
    this.#drainer = drainer;
  }

  /**
   * `unknown`: a commit of the same operation was not answered, so that a refusal here says nothing of what became of it.
   * Undefined when the ledger is back and nothing was done.
   */
  async write(
    ref: TaskRef,
    operation: TaskOperation,
    unknown: Error | undefined,
    signal: Ending,
  ): Promise<Written | undefined> {
    try {
      return await this.#append(ref, operation, unknown !== undefined, signal);
    } catch (error) {
      throw unknown ?? error;
    }
  }

  async #append(
    ref: TaskRef,
    operation: TaskOperation,
    unknown: boolean,
    signal: Ending,
  ): Promise<Written | undefined> {
    const { view, ledger, pace, bounds, note } = this.#stores;
    for (let tries = 0; tries < bounds.appendTries; tries++) {
      const entry = await view.readWhole(ref, signal);
      if (ledger.reachable && !unknown) return undefined;
      const repeated = entry && repeatedWrite(ref, entry, operation);
      if (repeated) return repeated;
      this.#check(entry, operation);
      const next = { mark: pace.id(), at: pace.now(), operation };
      const task = foldedTask(ref, entry?.task, operation, lifeOf(entry, next));
      const last = entry?.operations.at(-1);
      const on = entry && { stamp: entry.base, mark: last?.mark };
      this.#drainer.doubt();
      const append = { on, operation: next, task, withinMs: bounds.appendMs };
      const outcome = await view.append(ref, append, signal);
      if (outcome === 'CHANGED') continue;
      if (outcome === 'FULL') throw failure('STORE_FULL', { limit: 'what may be buffered' });
      if (outcome === 'UNSAFE') note('unsafe');
      if (outcome !== 'APPENDED') throw unreachable();
      note('buffered');
      const changed = operation.kind === 'remove' ? entry?.task !== undefined : entry?.task === undefined;
      return { ...buffered(task, next.mark, operation.requestId), changed };
    }
    throw unreachable();
  }

  /** A task that the view does not know may exist all the same: only a put needs not know. */
  #check(entry: WholeEntry | undefined, { kind }: TaskOperation): void {
    if (!entry && kind !== 'put') throw unreachable();
    const { operationsPerTask } = this.#stores.bounds;
    if (entry && entry.operations.length >= operationsPerTask) {
      throw failure('STORE_FULL', { limit: `${operationsPerTask} buffered writes of one task` });
    }
  }
}

/** The same request id again: it waits in the buffer already, or made the entry what it is. */
function repeatedWrite(
  { category, id }: TaskRef,
  entry: WholeEntry,
  { kind, requestId }: TaskOperation,
): Written | undefined {
  const waiting = entry.operations.find(({ operation }) => operation.requestId === requestId);
  const { task, base } = entry;
  const made = base && entry.ring.some((entry) => entry.requestId === requestId);
  if (!waiting && !made) return undefined;
  // Removed since: there is nothing to answer with, and it must not come back.
  if (!task && kind !== 'remove') throw failure('TASK_NOT_FOUND', { category, id });
  if (waiting) return { ...buffered(task, waiting.mark, requestId), changed: false };
  return (
    base && { task, changed: false, durability: 'DURABLE', token: readToken({ kind: 'STAMP', stamp: base }) }
  );
}

function buffered(task: Task | undefined, mark: string, requestId: string): Omit<Written, 'changed'> {
  return { task, durability: 'BUFFERED', token: readToken({ kind: 'BUFFERED', mark, requestId }) };
}

/** As it will be when the buffer comes home: every operation in it counts as one revision. */
function lifeOf(entry: WholeEntry | undefined, { mark, at }: BufferedOperation) {
  const first = entry?.operations[0]?.mark ?? mark;
  const revision = (entry?.base?.revision ?? 0) + (entry?.operations.length ?? 0) + 1;
  return { incarnation: entry?.base?.incarnation ?? `buffer:${first}`, revision, now: at };
}
