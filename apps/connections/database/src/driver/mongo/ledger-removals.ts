/** The removals of tasks that are not there, as far as they are remembered. */

import { createHash } from 'node:crypto';
import type { Document, FindOptions } from 'mongodb';
import { taskKey } from '../../domain/task-key.ts';
import type { Removal } from '../../port/task-ledger.ts';
import type { TaskRef } from '../../port/tasks.ts';
import { grouped } from './grouped.ts';
import type { IndexPlan } from './mongo-indexes.ts';
import { abortable } from './mongo-options.ts';
import type { TaskCollections } from './task-collections.ts';

/** Of one task, by their time: a clock that is set back must not hide one behind older ones. */
const shownAtOnce = 100;

export function removalIndexes({ collections }: Pick<TaskCollections, 'collections'>): IndexPlan[] {
  return collections.map((collection) => ({
    collection,
    key: { 'cs.removed.ns': 1, 'cs.removed.task': 1, 'cs.removed.task_id': 1, 'cs.removed.at': -1 },
    options: { name: 'cs_removed', sparse: true },
  }));
}

/** Of tasks of one namespace, by `taskKey`, those of which there is a removal. */
export async function removedOf(
  collections: TaskCollections,
  refs: readonly TaskRef[],
  options: FindOptions,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const [first] = refs;
  if (!first) return new Set();
  const { namespace } = first;
  const filters = [...grouped(refs, ({ category }) => category)].map(([category, group]) => ({
    'cs.removed.ns': namespace,
    'cs.removed.task': category,
    'cs.removed.task_id': { $in: group.map(({ id }) => id) },
  }));
  const filter = filters.length === 1 ? (filters[0] ?? {}) : { $or: filters };
  const wanted = { ...options, projection: { 'cs.removed': 1 } };
  const found = await collections.of(first).find(filter, abortable(wanted, signal)).toArray();
  const removals = found.filter(({ cs }) => cs.removed.late !== true && cs.removed.reserved !== true);
  return new Set(
    removals.map(({ cs }) => taskKey({ namespace, category: cs.removed.task, id: cs.removed.task_id })),
  );
}

/** Its id says which removals there are: of two in one millisecond none can tell the newer. */
export async function newestRemoval(
  collections: TaskCollections,
  ref: TaskRef,
  options: FindOptions,
  signal: AbortSignal,
): Promise<Removal | undefined> {
  const { namespace, category, id } = ref;
  const filter = {
    'cs.removed.ns': namespace,
    'cs.removed.task': category,
    'cs.removed.task_id': id,
    'cs.removed.late': { $ne: true },
    'cs.removed.reserved': { $ne: true },
  };
  const wanted: FindOptions = {
    ...options,
    projection: { 'cs.removed.call': 1, 'cs.removed.request': 1, 'cs.removed.mark': 1 },
    sort: { 'cs.removed.at': -1, _id: -1 },
    limit: shownAtOnce,
    batchSize: shownAtOnce,
  };
  const found = await collections.of(ref).find(filter, abortable(wanted, signal)).toArray();
  const [newest] = found;
  return newest && removalOf(newest, found);
}

function removalOf({ cs }: Document, all: readonly Document[]): Removal {
  const { request = '', mark } = cs.removed;
  const calls = all.map(({ cs }) => cs.removed.call);
  const id = createHash('sha256').update(calls.join()).digest('base64url');
  return { id, requestId: request, ...(mark !== undefined && { mark }) };
}
