/** Rules 1 to 3, the write while the ledger is there: commit, tell the view, answer. */
import type { Ending } from '@connections/runtime';
import type { CommitOutcome } from '../port/task-ledger.ts';
import type { TaskOperation } from '../port/task-operation.ts';
import type { Durability, Task, TaskRef } from '../port/tasks.ts';
import type { BufferedWrite } from './buffered-write.ts';
import { CommitLanes } from './commit-lanes.ts';
import type { Drainer } from './drainer.ts';
import { type DualStores, entryTtlMs } from './dual-stores.ts';
import { readToken } from './read-mark.ts';
import { unreachable } from './store-loss.ts';

export interface Written {
  /** Undefined after a removal. */
  readonly task: Task | undefined;
  /** A put created the task, or a removal found one. */
  readonly changed: boolean;
  readonly durability: Durability;
  readonly token: string;
}

type Committed = CommitOutcome & { readonly outcome: 'COMMITTED' };

export class CommittedWrite {
  readonly #stores: DualStores;
  readonly #buffer: BufferedWrite;
  readonly #drainer: Drainer;
  readonly #lanes: CommitLanes;

  constructor(stores: DualStores, buffer: BufferedWrite, drainer: Drainer) {
    this.#stores = stores;
    this.#buffer = buffer;
    this.#drainer = drainer;
    this.#lanes = new CommitLanes(stores.bounds.commitsPerTask);
  }

  async write(
    ref: TaskRef,
    operation: TaskOperation,
    allowBuffered: boolean,
    signal: Ending,
  ): Promise<Written> {
    if (this.#drainer.isDirty) await this.#drainer.meet(ref, signal);
    let error: Error | undefined;
    // Again when the ledger came back before anything was buffered, and when the refusal did not know of a buffer.
    for (let tries = 0; tries < 2; tries++) {
      const outcome = await this.#commit(ref, operation, signal);
      if (outcome.outcome === 'COMMITTED') return this.#tell(ref, outcome, signal);
      ({ error } = outcome);
      if (outcome.outcome === 'REFUSED') {
        if (tries === 0 && (await this.#drainer.meet(ref, signal))) continue;
        break;
      }
      this.#drainer.doubt();
      if (!allowBuffered) break;
      const unknown = outcome.outcome === 'UNKNOWN' ? outcome.error : undefined;
      const written = await this.#buffer.write(ref, operation, unknown, signal);
      if (written) return written;
    }
    throw error ?? unreachable();
  }

  /** Whether the ledger is there may have shown while this one waited for its lane. */
  #commit(ref: TaskRef, operation: TaskOperation, signal: Ending): Promise<CommitOutcome> {
    const { ledger, bounds } = this.#stores;
    return this.#lanes.take(ref, signal, async () =>
      ledger.reachable
        ? ledger.commit(ref, operation, bounds.commitMs, signal)
        : { outcome: 'AWAY', error: unreachable() },
    );
  }

  /** Rule 3. That the view was not told is mended by the feed: nobody waits for it, and nobody hears of it. */
  async #tell(ref: TaskRef, { record, changed }: Committed, signal: Ending): Promise<Written> {
    const { view, pace, bounds } = this.#stores;
    if (view.reachable) {
      const ttlMs = record ? entryTtlMs(this.#stores, record.task.status) : 0;
      const told = view.tell(ref, record, ttlMs, signal);
      await pace.atMost(bounds.tellMs, told).catch(() => {});
    }
    const task = record?.task;
    const token = readToken(task ? { kind: 'STAMP', stamp: task } : { kind: 'GONE' });
    return { task, changed, durability: 'DURABLE', token };
  }
}
