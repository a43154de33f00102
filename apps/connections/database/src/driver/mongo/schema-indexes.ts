/** The indexes of schemas: identity, content, and the time after which a removal is forgotten. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, Document } from 'mongodb';
import type { IndexPlan, MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';

/** How long the repetition of a removal is known for one. */
const removalSeconds = 86_400;
const shownConflicts = 20;
/** On an empty or small collection an index takes some milliseconds; on a large one nobody is kept from working. */
const firstBuildMs = 1_000;

/**
 * For who creates a name: resolves when the indexes were tried once, or have taken long. At the very first start of two
 * processes nothing else keeps both from creating it.
 */
export function afterIndexes(indexes: MongoIndexes): (signal: AbortSignal) => Promise<void> {
  let tried = false;
  void indexes.tried.then(() => {
    tried = true;
  });
  return async (signal) => {
    if (tried) return;
    await Promise.race([
      indexes.tried,
      delay(firstBuildMs, undefined, { signal, ref: false }).catch(() => {}),
    ]);
  };
}

export function schemaIndexes(link: MongoLink, collection: string): IndexPlan[] {
  return [
    identity(link.collection(collection), { import_name: 1 }),
    identity(link.collection(`${collection}_namespaces`), { 'cs.ns': 1, import_name: 1 }),
    {
      collection: link.collection(`${collection}_versions`),
      key: { '_id.h': 1, f: 1, '_id.n': -1 },
      options: { name: 'cs_content' },
    },
    {
      collection: link.collection(`${collection}_removals`),
      key: { at: 1 },
      options: { name: 'cs_removals', expireAfterSeconds: removalSeconds },
    },
  ];
}

/** Lists and counts go by it too. */
function identity(collection: Collection<Document>, key: IndexPlan['key']): IndexPlan {
  return {
    collection,
    key,
    options: { name: 'cs_identity', unique: true, sparse: true },
    conflicts: (signal) => duplicates(collection, signal),
  };
}

async function duplicates(collection: Collection<Document>, signal: AbortSignal): Promise<string> {
  const groups = await collection
    .aggregate(
      [
        { $match: { import_name: { $exists: true } } },
        { $group: { _id: { ns: '$cs.ns', name: '$import_name' }, n: { $sum: 1 }, ids: { $push: '$_id' } } },
        { $match: { n: { $gt: 1 } } },
        { $limit: shownConflicts },
      ],
      { signal, allowDiskUse: true },
    )
    .toArray();
  const shown = groups.map(({ ids }) => `_id ${ids.slice(0, 5).map(String).join(', ')}`);
  return (
    `several documents have the same import_name (${shown.join('; ')}); the oldest of each is read and written, its ` +
    'removal uncovers the next, and two creators at once can make more. Delete all but one of each, or give them ' +
    'other import_names: the index is tried again every half minute'
  );
}
