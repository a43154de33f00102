/** Rule 5: a miss is read from the ledger once, and put into the view by the one who holds the lease. */
import type { Ending } from '@connections/runtime';
import type { TaskRecord } from '../port/task-operation.ts';
import type { LeaseOutcome, ViewEntry } from '../port/task-view.ts';
import type { TaskRef } from '../port/tasks.ts';
import { type DualStores, entryTtlMs } from './dual-stores.ts';
import { SharedWork } from './shared-work.ts';
import { unlessLost } from './store-loss.ts';

/** `entry`: another has filled it meanwhile. */
export type Found = { readonly entry: ViewEntry } | { readonly record: TaskRecord | undefined };

/** Looks that a miss takes at the view while another holds the lease. */
const looks = 3;

export class LeasedFill {
  readonly #stores: DualStores;
  readonly #flights = new SharedWork<Found>();

  constructor(stores: DualStores) {
    this.#stores = stores;
  }

  /** Shared by all in this process who miss the same task at the same time. Rejects when the ledger does not answer. */
  read(ref: TaskRef, signal: Ending): Promise<Found> {
    return this.#flights.share(ref, signal, () => this.#find(ref, signal));
  }

  async #find(ref: TaskRef, signal: Ending): Promise<Found> {
    const { view, ledger, pace, bounds, note } = this.#stores;
    const lease = await this.#lease(ref, signal);
    if (lease?.outcome === 'HELD') {
      note('lease-waited');
      const entry = await this.#filledByAnother(ref, signal);
      if (entry) return { entry };
    }
    const granted = lease?.outcome === 'GRANTED' ? lease : undefined;
    const after = granted?.checkpoint;
    const record = await ledger.read(ref, { after, exact: false }, signal);
    if (granted && record) {
      const ttlMs = entryTtlMs(this.#stores, record.task.status);
      const filled = view.fill(ref, granted.lease, record, ttlMs, signal);
      const done = await pace.atMost(bounds.tellMs, filled).catch(() => false);
      if (done) note('filled');
    } else if (granted) {
      // There is nothing to fill: without the lease nobody waits for that.
      await pace.atMost(bounds.tellMs, view.tell(ref, undefined, 0, signal)).catch(() => {});
    }
    return { record };
  }

  async #lease(ref: TaskRef, signal: Ending): Promise<LeaseOutcome | undefined> {
    const { view, bounds } = this.#stores;
    if (!view.reachable) return undefined;
    return unlessLost(view.lease(ref, bounds.leaseMs, signal), signal);
  }

  async #filledByAnother(ref: TaskRef, signal: Ending): Promise<ViewEntry | undefined> {
    const { view, pace, bounds } = this.#stores;
    for (let look = 0; look < looks; look++) {
      await pace.pause(bounds.leaseWaitMs / looks, signal);
      const entry = await unlessLost(view.read(ref, signal), signal);
      if (entry) return entry;
    }
    return undefined;
  }
}
