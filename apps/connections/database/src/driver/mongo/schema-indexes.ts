/** The indexes of schemas: identity, content, and the time after which a removal is forgotten. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Collection, Document } from 'mongodb';
import { shownDuplicates } from './duplicate-documents.ts';
import type { IndexPlan, MongoIndexes } from './mongo-indexes.ts';
import type { MongoLink } from './mongo-link.ts';

/** How long the repetition of a removal is known for one. */
const removalSeconds = 86_400;
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
  const identity = { ns: '$cs.ns', name: '$import_name' };
  const shown = await shownDuplicates(collection, 'import_name', identity, signal);
  return (
    `several documents have the same import_name (${shown}); the oldest of each is read and written, its ` +
    'removal uncovers the next, and two creators at once can make more. Delete all but one of each, or give them ' +
    'other import_names: the index is tried again every half minute'
  );
}
