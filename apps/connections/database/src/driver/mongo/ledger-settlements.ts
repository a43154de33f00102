/** Rule 8: what is left of a buffer becomes of a task at one blow, or not at all. */
import { randomUUID } from 'node:crypto';
import { hasReason } from '@connections/runtime/errors';
import type { Document } from 'mongodb';
import type { Settlement } from '../../port/task-ledger.ts';
import type { Task, TaskRef } from '../../port/tasks.ts';
import type { LedgerLimit } from './ledger-limit.ts';
import {
  isAt,
  isReservedBy,
  reservationPipeline,
  settledRemovalPipeline,
  settlementPipeline,
} from './ledger-pipeline.ts';
import { newestRemoval } from './ledger-removals.ts';
import { outcomeOf } from './mongo-errors.ts';
import { abortable } from './mongo-options.ts';
import type { TaskAccess } from './task-access.ts';
import { revisionBy } from './task-document.ts';
import { isNew } from './task-expressions.ts';
import { identityFilter } from './task-filters.ts';
import type { TaskCommit } from './task-pipeline.ts';

export class LedgerSettlements {
  readonly #access: TaskAccess;

  constructor(access: TaskAccess) {
    this.#access = access;
  }

  async settle(ref: TaskRef, settlement: Settlement, limit: LedgerLimit): Promise<boolean> {
    const { calls, writes } = this.#access;
    const { deadline } = limit;
    const commit: TaskCommit = { ref, call: randomUUID(), requestId: undefined, principal: '', deadline };
    try {
      return await calls.write(limit.signal, (signal) =>
        writes.commits.alone(ref, () => this.#settle(commit, settlement, signal), signal),
      );
    } catch (error) {
      if (hasReason(error, 'OUTCOME_UNKNOWN')) await limit.passed();
      throw error;
    }
  }

  async #settle(commit: TaskCommit, settlement: Settlement, signal: AbortSignal): Promise<boolean> {
    const { on, task } = settlement;
    if ('stamp' in on) {
      if (!task) return this.#remove(commit, settlement, signal);
      const pipeline = settlementPipeline(commit, isAt(on.stamp), task, settlement);
      return isMade(await this.#access.collections.update(commit.ref, pipeline, signal), commit);
    }
    // Of a removal the look at others is no part: after it there is no task, as before.
    if (!task) return (await this.#isAsSeen(commit, on, signal)) && this.#remove(commit, settlement, signal);
    return this.#create(commit, on, task, settlement, signal);
  }

  /** Whoever writes the task from the reservation on takes that away; who removed it before has left what is looked for. */
  async #create(
    commit: TaskCommit,
    on: Unseen,
    task: Task,
    settlement: Settlement,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { collections } = this.#access;
    const reserved = await collections.upsert(commit.ref, reservationPipeline(commit), signal);
    // Made before, by a try of which no answer came.
    if (isMade(reserved, commit)) return true;
    if (reserved.cs?.removed?.call !== commit.call || !reserved.cs.removed.reserved) return false;
    if (!(await this.#isAsSeen(commit, on, signal))) {
      await this.#release(commit, signal);
      return false;
    }
    const pipeline = settlementPipeline(commit, isReservedBy(commit), task, settlement);
    return isMade(await collections.update(commit.ref, pipeline, signal), commit);
  }

  async #remove(commit: TaskCommit, settlement: Settlement, signal: AbortSignal): Promise<boolean> {
    const { on, operations } = settlement;
    const condition = 'stamp' in on ? isAt(on.stamp) : isNew;
    const remove = async (keyed: boolean) => {
      const pipeline = settledRemovalPipeline(commit, condition, settlement, keyed);
      const { collections } = this.#access;
      const document =
        'stamp' in on
          ? await collections.update(commit.ref, pipeline, signal)
          : await collections.upsert(commit.ref, pipeline, signal);
      const { removed } = document?.cs ?? {};
      return removed?.call === commit.call && removed.late !== true;
    };
    try {
      return await remove(true);
    } catch (error) {
      if (outcomeOf(error) !== 'DUPLICATE') throw error;
      // The request has removed the task before. Alone it has no second effect; what came before it in the buffer has one.
      return operations.length === 1 || remove(false);
    }
  }

  async #isAsSeen({ ref }: TaskCommit, { removal }: Unseen, signal: AbortSignal): Promise<boolean> {
    const { collections, exactly } = this.#access;
    return (await newestRemoval(collections, ref, exactly, signal))?.id === removal;
  }

  /** Left behind it would do no harm, and be purged like a removal. */
  async #release({ ref, call }: TaskCommit, signal: AbortSignal): Promise<void> {
    const own = { ...identityFilter(ref), 'cs.removed.call': call, 'cs.removed.reserved': true };
    const collection = this.#access.collections.of(ref);
    await collection.deleteOne(own, abortable({}, signal)).catch(() => {});
  }
}

/** No task, and no removal since the one seen. */
type Unseen = Extract<Settlement['on'], { readonly removal: string | undefined }>;

function isMade(document: Document | null, { call }: TaskCommit): boolean {
  return document !== null && revisionBy(document, call) !== undefined;
}
