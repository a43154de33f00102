/** Tasks of another program on the ledger: they yield to every task, buffer and removal of ours. */
import type { Ending } from '@connections/runtime';
import { hasReason } from '@connections/runtime/errors';
import { createdTask, transitionOf } from '../domain/task-transition.ts';
import type { Adoptable, Adopted, AdoptedTask, TaskAdoption } from '../port/task-adoption.ts';
import type { Settlement } from '../port/task-ledger.ts';
import type { TaskRef } from '../port/tasks.ts';
import type { DualStores } from './dual-stores.ts';
import { unlessLost, unreachable } from './store-loss.ts';

type AdoptionStores = Pick<DualStores, 'view' | 'ledger' | 'pace' | 'bounds'>;

export class Adoption implements TaskAdoption {
  readonly #stores: AdoptionStores;

  constructor(stores: AdoptionStores) {
    this.#stores = stores;
  }

  async look(refs: readonly TaskRef[], signal: Ending): Promise<readonly Adoptable[]> {
    const standings = await this.#stores.ledger.standings(refs, signal);
    return Promise.all(
      refs.map(async (ref, at): Promise<Adoptable> => {
        const standing = standings[at] ?? 'UNKNOWN';
        if (standing === 'THERE') return 'KNOWN';
        if (standing === 'REMOVED') return 'REMOVED';
        return (await this.#waits(ref, signal)) ? 'KNOWN' : 'MISSING';
      }),
    );
  }

  adopt(ref: TaskRef, adopted: AdoptedTask, signal: Ending): Promise<Adopted> {
    const put = adopted.fields.size > 0 ? this.#settle : this.#commit;
    return put.call(this, ref, adopted, signal);
  }

  /** Many go together, which a settlement does not. */
  async #commit(ref: TaskRef, adopted: AdoptedTask, signal: Ending): Promise<Adopted> {
    const { ledger, bounds } = this.#stores;
    const { state, requestId, principal } = adopted;
    const operation = { kind: 'put', ifAbsent: true, state, requestId, principal } as const;
    const outcome = await ledger.commit(ref, operation, bounds.scanMs, signal);
    if (outcome.outcome === 'COMMITTED') return 'ADOPTED';
    if (hasReason(outcome.error, 'TASK_EXISTS')) return 'KNOWN';
    throw outcome.error;
  }

  /** A put has no fields, and one after the other they might stay away for good. */
  async #settle(ref: TaskRef, adopted: AdoptedTask, signal: Ending): Promise<Adopted> {
    const { ledger } = this.#stores;
    if (await ledger.settle(ref, this.#settlement(ref, adopted), signal)) return 'ADOPTED';
    const { record, removal } = await ledger.account(ref, signal);
    if (record) return 'KNOWN';
    if (removal) return 'REMOVED';
    throw unreachable();
  }

  #settlement(ref: TaskRef, { state, fields, requestId, principal }: AdoptedTask): Settlement {
    const life = { incarnation: '', now: this.#stores.pace.now() };
    const task = { ...createdTask(ref, state, life), fields };
    const transition = transitionOf(undefined, task, principal);
    return {
      on: { removal: undefined },
      task,
      operations: [{ requestId, mark: requestId }],
      transitions: transition ? [transition] : [],
    };
  }

  /** What is buffered is newer than what anybody adopts, and would be in conflict with it. */
  async #waits(ref: TaskRef, signal: Ending): Promise<boolean> {
    const { view } = this.#stores;
    if (!view.reachable) return false;
    return (await unlessLost(view.read(ref, signal), signal))?.buffered === true;
  }
}
