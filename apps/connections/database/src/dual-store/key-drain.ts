/** Rule 8: brings the buffer of one task home. */
import type { Ending } from '@connections/runtime';
import type { Conflict } from '../port/task-conflicts.ts';
import type { WholeEntry } from '../port/task-view.ts';
import type { TaskRef } from '../port/tasks.ts';
import type { DualStores } from './dual-stores.ts';
import { SharedWork } from './shared-work.ts';

export class KeyDrain {
  readonly #stores: DualStores;
  /** One at a time for each task: more would only find what the first one did. */
  readonly #running = new SharedWork<boolean>();

  constructor(stores: DualStores) {
    this.#stores = stores;
  }

  /**
   * False when the task changed under every try. Rejects when a store did not answer; what was begun is then found and
   * finished by the next try, whoever makes it.
   */
  drain(ref: TaskRef, signal: Ending): Promise<boolean> {
    return this.#running.share(ref, signal, () => this.#drain(ref, signal));
  }

  async #drain(ref: TaskRef, signal: Ending): Promise<boolean> {
    const { view, bounds, note } = this.#stores;
    // Again where the buffer has grown meanwhile: who waits for it would commit before the rest of it.
    for (let tries = 0; tries < bounds.settleTries; tries++) {
      const entry = await view.readWhole(ref, signal);
      const mark = entry?.operations.at(-1)?.mark;
      if (!entry || mark === undefined) {
        // Its store lost the entry and kept the key.
        await view.drop(ref, '', signal);
        return true;
      }
      if (!(await this.#bringHome(ref, entry, mark, signal))) return false;
      // Only now: a crash before leaves the buffer, whose operations the ring then knows.
      if (!(await view.drop(ref, mark, signal))) continue;
      note('drained');
      return true;
    }
    return false;
  }

  async #bringHome(ref: TaskRef, entry: WholeEntry, id: string, signal: Ending): Promise<boolean> {
    const { ledger, pace, bounds, decide, note } = this.#stores;
    const { base, task: shown } = entry;
    for (let tries = 0; tries < bounds.settleTries; tries++) {
      const account = await ledger.account(ref, signal);
      const at = pace.now();
      const home = decide(ref, entry, account, { now: at, blindMaxAgeMs: bounds.blindMaxAgeMs });
      if (home.outcome === 'DONE') return true;
      if (home.outcome === 'SETTLE') {
        if (await ledger.settle(ref, home.settlement, signal)) return true;
        continue;
      }
      const { reason, operations } = home;
      const task = account.record?.task;
      const standing = task && { incarnation: task.incarnation, revision: task.revision };
      const conflict: Conflict = { id, ref, reason, at, base, operations, shown, standing };
      // Before the entry goes: what is not yet written down must not be lost.
      await ledger.conflicts.add(conflict, signal);
      note('conflict');
      return true;
    }
    return false;
  }
}
