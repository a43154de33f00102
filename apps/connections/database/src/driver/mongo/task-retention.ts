/** Removes tasks that nobody changed for as long as their status is kept: each by a commit on exactly what was found. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, Document } from 'mongodb';
import type { RetentionRule } from '../../port/retention-rule.ts';
import type { TaskStamp } from '../../port/task-operation.ts';
import type { TaskRef } from '../../port/tasks.ts';
import { isAt } from './ledger-pipeline.ts';
import type { IndexPlan } from './mongo-indexes.ts';
import { abortable } from './mongo-options.ts';
import type { TaskAccess } from './task-access.ts';
import type { TaskCollections } from './task-collections.ts';
import { defaultNamespace, refOf, revisionOf } from './task-document.ts';
import { literal } from './task-expressions.ts';
import { identityIndex } from './task-indexes.ts';
import type { TaskCommit, TaskUpdate } from './task-pipeline.ts';
import { removal, unlessLate } from './task-tombstone.ts';

/** Found by one query, and removed by one command. */
const batch = 32;
/** For a query or a command. */
const callMs = 5_000;
/** Before the first round, and between two of them, jittered: not all processes at once. */
const firstMs = 1_000;
const everyMs = 10_000;
/** After a round that found more than it took. */
const soonMs = 100;
const retentionIndex = 'cs_retention';

/** A task as it was when its time was over. */
export interface ExpiredTask {
  readonly ref: TaskRef;
  readonly stamp: TaskStamp;
  readonly status: string;
}

/** None where every task is kept for ever. */
export function retentionIndexes(
  { collections }: Pick<TaskCollections, 'collections'>,
  rules: readonly RetentionRule[],
): IndexPlan[] {
  if (rules.length === 0) return [];
  return collections.map((collection) => ({
    collection,
    key: { status: 1, 'cs.at': 1 },
    options: { name: retentionIndex },
  }));
}

export class TaskRetention {
  readonly #access: TaskAccess;
  readonly #rules: readonly RetentionRule[];

  /** Its indexes are among those of the access. */
  constructor(access: TaskAccess, rules: readonly RetentionRule[]) {
    this.#access = access;
    this.#rules = rules;
  }

  /** Until the signal aborts. Rejects never. */
  async run(mayRemove: () => boolean, signal: AbortSignal): Promise<void> {
    let pauseMs = firstMs;
    while (!signal.aborted) {
      const wait = pauseMs * (0.5 + Math.random());
      await delay(wait, undefined, { signal, ref: false }).catch(() => {});
      const more = await this.#round(mayRemove, signal).catch(() => false);
      pauseMs = more ? soonMs : everyMs;
    }
  }

  /** Up to a batch of those under each rule. */
  async expired(
    collection: Collection<Document>,
    rule: RetentionRule,
    signal: AbortSignal,
  ): Promise<ExpiredTask[]> {
    const { calls, link, indexes } = this.#access;
    // Without the first a task may have another document, which its removal would uncover.
    const isReady = [identityIndex, retentionIndex].every((name) => indexes.isBuilt(name, collection));
    const changedBefore = link.writeDeadline(-rule.keptMs);
    if (!isReady || changedBefore === undefined) return [];
    const filter = {
      status: rule.is === 'in' ? { $in: rule.statuses } : { $nin: rule.statuses, $exists: true },
      // What only the first implementation wrote has no such time: nobody knows when it changed last.
      'cs.at': { $lt: new Date(changedBefore) },
      task_id: { $exists: true },
    };
    const projection = { task: 1, task_id: 1, status: 1, 'cs.ns': 1, 'cs.rev': 1 } as const;
    const found = await calls.read(bounded(signal), (inner) => {
      return collection
        .find(filter, abortable({ projection, limit: batch, batchSize: batch }, inner))
        .toArray();
    });
    return found.map((document) => ({
      ref: refOf(document.cs?.ns ?? defaultNamespace, document),
      stamp: { incarnation: String(document._id), revision: revisionOf(document) },
      status: document.status,
    }));
  }

  /** Those that are still as they were found, all of one collection. */
  async remove(tasks: readonly ExpiredTask[], signal: AbortSignal): Promise<void> {
    const { calls, collections, link } = this.#access;
    const deadline = link.writeDeadline(callMs);
    if (tasks.length === 0 || deadline === undefined) return;
    const updates = tasks.map((task) => removalOf(task, deadline));
    await calls.write(bounded(signal), (inner) => collections.updateEach(updates, inner));
  }

  /** Whether it found more than it took. */
  async #round(mayRemove: () => boolean, signal: AbortSignal): Promise<boolean> {
    let more = false;
    for (const collection of this.#access.collections.collections) {
      for (const rule of this.#rules) {
        if (signal.aborted || !mayRemove()) return false;
        const found = await this.expired(collection, rule, signal);
        if (mayRemove()) await this.remove(found, signal);
        more ||= found.length === batch;
      }
    }
    return more;
  }
}

function removalOf({ ref, stamp, status }: ExpiredTask, deadline: number): TaskUpdate {
  const call = randomUUID();
  const commit: TaskCommit = { ref, call, requestId: `retention:${call}`, principal: '', deadline };
  // What the first implementation writes over a task raises no revision.
  const isUnchanged = { $and: [isAt(stamp), { $eq: ['$status', literal(status)] }] };
  const change = { $cond: [isUnchanged, removal(commit), '$$ROOT'] };
  return { commit, pipeline: [{ $replaceWith: unlessLate(commit, change) }], upsert: false };
}

function bounded(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(callMs)]);
}
