/** The modelled ledger as one process of ours sees it: over a link that loses and delays. */

import { hasReason } from '@connections/runtime/errors';
import type { Conflict, TaskConflicts } from '../../src/port/task-conflicts.ts';
import type {
  Account,
  Checkpoint,
  CommitOutcome,
  Feed,
  FeedStep,
  Settlement,
  TaskLedger,
} from '../../src/port/task-ledger.ts';
import type { TaskOperation, TaskRecord } from '../../src/port/task-operation.ts';
import type { TaskRef } from '../../src/port/tasks.ts';
import type { ModelledLedger } from './modelled-ledger.ts';
import { away, type ModelledLink } from './modelled-link.ts';
import type { Mutation } from './mutants.ts';
import type { World } from './world.ts';

/** How long a settlement may be on its way. */
const settleMs = 100;
const idleMs = 60;

export class LedgerOfProcess implements TaskLedger {
  readonly conflicts: TaskConflicts;
  readonly #world: World;
  readonly #ledger: ModelledLedger;
  readonly #link: ModelledLink;
  readonly #mutation: Mutation;

  constructor(world: World, ledger: ModelledLedger, link: ModelledLink, mutation: Mutation) {
    this.#world = world;
    this.#ledger = ledger;
    this.#link = link;
    this.#mutation = mutation;
    this.conflicts = {
      add: (conflict) => this.#add(conflict),
      list: () => Promise.reject(new Error('the model lists nothing')),
      get: () => Promise.reject(new Error('the model lists nothing')),
      drop: () => Promise.reject(new Error('the model lists nothing')),
    };
  }

  get reachable(): boolean {
    return this.#link.reachable;
  }

  async commit(ref: TaskRef, operation: TaskOperation, withinMs: number): Promise<CommitOutcome> {
    const deadline = this.#world.now + withinMs;
    try {
      const run = () => this.#ledger.commit(ref, operation, deadline);
      return await this.#link.send({
        name: () => `commit ${ref.id} ${operation.kind} ${operation.requestId}`,
        run,
        changes: true,
        deadline,
      });
    } catch (error) {
      if (hasReason(error, 'OUTCOME_UNKNOWN')) return { outcome: 'UNKNOWN', error };
      if (hasReason(error, 'STORE_UNREACHABLE')) return { outcome: 'AWAY', error };
      throw error;
    }
  }

  async read(
    ref: TaskRef,
    { after, exact }: { readonly after: Checkpoint | undefined; readonly exact: boolean },
  ): Promise<TaskRecord | undefined> {
    const from = after === undefined ? 0 : Number(after);
    const run = () => (exact ? this.#ledger.tasks.get(ref.id) : this.#ledger.stateAt(ref, from));
    try {
      return await this.#link.send({
        name: () => `ledger read ${ref.id} ${exact} ${after}`,
        run,
        changes: false,
      });
    } catch (error) {
      if (this.#mutation.missIsNotFound) return undefined;
      throw error;
    }
  }

  account(ref: TaskRef): Promise<Account> {
    const run = (): Account => {
      const record = this.#ledger.tasks.get(ref.id);
      const removal = record ? undefined : this.#ledger.removalOf(ref.id);
      return { record: record && this.#mutation.noRing ? { ...record, ring: [] } : record, removal };
    };
    return this.#link.send({ name: () => `account ${ref.id}`, run, changes: false });
  }

  standings(): Promise<never> {
    return Promise.reject(new Error('nobody asks for them in the model'));
  }

  async settle(ref: TaskRef, settlement: Settlement): Promise<boolean> {
    const ledger = this.#ledger;
    const deadline = this.#world.now + settleMs;
    const inTime = () => this.#world.now <= deadline;
    const ask = (run: () => boolean) =>
      this.#link.send({
        name: () => `settle ${ref.id} ${JSON.stringify(settlement)}`,
        run,
        changes: true,
        deadline,
      });
    const settle = () => {
      if (!inTime() || !ledger.isAsSeen(ref, settlement)) return false;
      ledger.settle(ref, settlement);
      return true;
    };
    // Where nothing is, one operation cannot see that nothing was removed: reserve, look again, make it a task.
    if ('stamp' in settlement.on || this.#mutation.settleBlindly || !settlement.task) return ask(settle);
    const by = this.#world.id();
    if (!(await ask(() => inTime() && ledger.reserve(ref, by)))) return false;
    if (!this.#mutation.settleUnverified && !(await ask(() => ledger.isAsSeen(ref, settlement))))
      return false;
    return ask(() => {
      if (!inTime() || !ledger.isReserved(ref, by)) return false;
      ledger.settle(ref, settlement);
      return true;
    });
  }

  async feed(from: readonly Checkpoint[]): Promise<Feed | 'LOST'> {
    const ledger = this.#ledger;
    const start = from.length === 0 ? undefined : Math.min(...from.map(Number));
    const run = () => (start !== undefined && start < ledger.historyFrom ? 'LOST' : ledger.log.length);
    const newest = await this.#link.send({ name: () => `feed ${from}`, run, changes: false });
    if (newest === 'LOST') return 'LOST';
    let at = start ?? newest;
    return {
      start: String(at),
      next: async (): Promise<FeedStep> => {
        if (at >= ledger.log.length) await this.#link.pause(idleMs);
        await this.#link.pause(0);
        if (!this.#link.isUp) throw away();
        const committed = ledger.log[at];
        if (!committed) return { checkpoint: String(at) };
        return { checkpoint: String(++at), event: committed.event };
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  list(): Promise<never> {
    return Promise.reject(new Error('the model lists nothing'));
  }

  transitions(): Promise<never> {
    return Promise.reject(new Error('the model lists nothing'));
  }

  async ping(): Promise<void> {
    if (!this.#link.isUp) throw away();
  }

  #add(conflict: Conflict): Promise<void> {
    const run = () => {
      if (!this.#mutation.loseConflicts) this.#ledger.conflicts.set(conflict.id, conflict);
    };
    return this.#link.send({ name: () => `conflict ${JSON.stringify(conflict)}`, run, changes: true });
  }
}
