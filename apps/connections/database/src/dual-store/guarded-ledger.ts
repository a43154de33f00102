/** The ledger behind its guard: whether it is away is known without waiting for it once more. */
import type { Ending } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import type { TaskConflicts } from '../port/task-conflicts.ts';
import type {
  Account,
  Checkpoint,
  CommitOutcome,
  Feed,
  Settlement,
  Standing,
  TaskLedger,
} from '../port/task-ledger.ts';
import type { TaskOperation, TaskRecord } from '../port/task-operation.ts';
import type { TaskPage, TaskQuery, TaskRef, Transition } from '../port/tasks.ts';
import type { DualBounds } from './dual-bounds.ts';
import type { Guard } from './guard.ts';

const losses: ReadonlySet<CommitOutcome['outcome']> = new Set(['UNKNOWN', 'AWAY']);

export class GuardedLedger implements TaskLedger {
  readonly conflicts: TaskConflicts;
  /** Bounds its own calls, and is in no hurry: what fails there says nothing to the breaker. */
  readonly removeExpired?: NonNullable<TaskLedger['removeExpired']>;
  readonly #ledger: TaskLedger;
  readonly #guard: Guard;
  readonly #bounds: DualBounds;

  constructor(ledger: TaskLedger, guard: Guard, bounds: DualBounds) {
    this.#ledger = ledger;
    this.#guard = guard;
    this.#bounds = bounds;
    const remove = ledger.removeExpired?.bind(ledger);
    if (remove) this.removeExpired = (mayRemove, signal) => remove(() => guard.allows && mayRemove(), signal);
    const { conflicts } = ledger;
    this.conflicts = {
      add: (conflict, signal) => this.#change(() => conflicts.add(conflict, signal)),
      list: (page, signal) => this.#scan(() => conflicts.list(page, signal)),
      get: (id, signal) => this.#look(() => conflicts.get(id, signal)),
      drop: (id, signal) => this.#change(() => conflicts.drop(id, signal)),
    };
  }

  get reachable(): boolean {
    return this.#ledger.reachable && this.#guard.allows;
  }

  /** Has a bound of its own: it answers that the outcome is unknown only when nothing can happen any more. */
  async commit(
    ref: TaskRef,
    operation: TaskOperation,
    withinMs: number,
    signal: Ending,
  ): Promise<CommitOutcome> {
    const commit = () => this.#ledger.commit(ref, operation, withinMs, signal);
    const bound = { withinMs: withinMs + this.#bounds.ledgerMs, changes: true };
    try {
      return await this.#guard.call(commit, bound, ({ outcome }) => losses.has(outcome));
    } catch (error) {
      if (hasReason(error, 'OUTCOME_UNKNOWN')) return { outcome: 'UNKNOWN', error };
      if (hasReason(error, 'STORE_UNREACHABLE')) return { outcome: 'AWAY', error };
      throw error;
    }
  }

  read(
    ref: TaskRef,
    age: { readonly after: Checkpoint | undefined; readonly exact: boolean },
    signal: Ending,
  ): Promise<TaskRecord | undefined> {
    return this.#look(() => this.#ledger.read(ref, age, signal));
  }

  account(ref: TaskRef, signal: Ending): Promise<Account> {
    return this.#look(() => this.#ledger.account(ref, signal));
  }

  standings(refs: readonly TaskRef[], signal: Ending): Promise<readonly Standing[]> {
    return this.#scan(() => this.#ledger.standings(refs, signal));
  }

  settle(ref: TaskRef, settlement: Settlement, signal: Ending): Promise<boolean> {
    return this.#change(() => this.#ledger.settle(ref, settlement, signal));
  }

  /** One that opens after it was given up is closed: nobody has it. */
  async feed(from: readonly Checkpoint[], signal: Ending): Promise<Feed | 'LOST'> {
    let isGivenUp = false;
    const open = async () => {
      const feed = await this.#ledger.feed(from, signal);
      if (isGivenUp && feed !== 'LOST') await feed[Symbol.asyncDispose]();
      return feed;
    };
    try {
      return await this.#scan(open);
    } catch (error) {
      isGivenUp = true;
      throw error;
    }
  }

  list(
    query: TaskQuery,
    page: { readonly after: string | undefined; readonly limit: number; readonly maxBytes: number },
    signal: Ending,
  ): Promise<TaskPage> {
    return this.#scan(() => this.#ledger.list(query, page, signal));
  }

  transitions(ref: TaskRef, signal: Ending): Promise<readonly Transition[] | undefined> {
    return this.#look(() => this.#ledger.transitions(ref, signal));
  }

  ping(signal: Ending): Promise<void> {
    return this.#look(() => this.#ledger.ping(signal));
  }

  #look<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.ledgerMs, changes: false });
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.ledgerMs, changes: true });
  }

  #scan<T>(work: () => Promise<T>): Promise<T> {
    return this.#guard.call(work, { withinMs: this.#bounds.scanMs, changes: false });
  }
}
