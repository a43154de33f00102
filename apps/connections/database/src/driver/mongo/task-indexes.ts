/** The indexes of tasks: identity, removals, tombstones, and one for every list in the order of the port. */
import type { Collection, Document } from 'mongodb';
import { shownDuplicates } from './duplicate-documents.ts';
import type { IndexPlan } from './mongo-indexes.ts';

/** Its absence means that there may be several documents of one task. */
export const identityIndex = 'cs_identity';
/** By it a repeated removal finds the first one. */
export const removalIndex = 'cs_removal';

/** By it commits are polled where there is no stream of them. */
export const commitIndex = 'cs_committed';

/** How long a removal is remembered: by its repetition, and by who follows changes. */
const tombstoneSeconds = 86_400;
/** Who follows changes from before may have missed a removal. Less than the tombstones' time, for clocks differ. */
export const memoryMs = (tombstoneSeconds - 3_600) * 1_000;

/** The filters of a list, each set of them an index: fewer would sort in memory. */
const filters = [
  [],
  ['task'],
  ['import_name'],
  ['status'],
  ['task', 'import_name'],
  ['task', 'status'],
  ['import_name', 'status'],
  ['task', 'import_name', 'status'],
] as const;

/** `spaced`: the collection of the other namespaces, whose name comes first in every key. */
export function taskIndexes(
  collection: Collection<Document>,
  { spaced }: { readonly spaced: boolean },
): IndexPlan[] {
  const key = (names: readonly string[]): Record<string, 1 | -1> =>
    Object.fromEntries([...(spaced ? ['cs.ns'] : []), ...names].map((name) => [name, 1]));
  // Sparse, not partial: a tombstone has none of the fields, and not every server reads by a partial index.
  return [
    {
      collection,
      key: key(['task', 'task_id']),
      options: { name: identityIndex, unique: true, sparse: true },
      conflicts: (signal) => duplicates(collection, signal),
    },
    { collection, key: { 'cs.removed.key': 1 }, options: { name: removalIndex, unique: true, sparse: true } },
    {
      collection,
      key: { 'cs.removed.at': 1 },
      options: { name: 'cs_tombstones', expireAfterSeconds: tombstoneSeconds, sparse: true },
    },
    ...filters.map((names) => ({
      collection,
      key: { ...key(names), 'cs.at': -1, _id: -1 } as const,
      options: { name: `cs_list_${names.join('_') || 'all'}` },
    })),
  ];
}

/** Only for whoever polls: a replica set streams its changes. */
export function commitIndexes(collections: readonly Collection<Document>[]): IndexPlan[] {
  return collections.map((collection) => ({
    collection,
    key: { 'cs.committed': 1, _id: 1 },
    options: { name: commitIndex },
  }));
}

async function duplicates(collection: Collection<Document>, signal: AbortSignal): Promise<string> {
  const identity = { ns: '$cs.ns', task: '$task', id: '$task_id' };
  const shown = await shownDuplicates(collection, 'task_id', identity, signal);
  return (
    `several documents are the same task (${shown}); the oldest of each is read and written, and two ` +
    'creators at once can make more. Delete all but one of each, or give them other task_ids: the index is tried again ' +
    'every half minute'
  );
}
