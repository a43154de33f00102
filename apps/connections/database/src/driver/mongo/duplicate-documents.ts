/** Documents that a unique index would allow once: why it cannot be built. */
import type { Collection, Document } from 'mongodb';

const shownGroups = 20;
const shownOfGroup = 5;

/**
 * Their `_id`s, group by group, for people. `field`: what a document without is none of them; `identity`: what those of a
 * group share.
 */
export async function shownDuplicates(
  collection: Collection<Document>,
  field: string,
  identity: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const groups = await collection
    .aggregate(
      [
        { $match: { [field]: { $exists: true } } },
        { $group: { _id: identity, n: { $sum: 1 }, ids: { $push: '$_id' } } },
        { $match: { n: { $gt: 1 } } },
        { $limit: shownGroups },
      ],
      { signal, allowDiskUse: true },
    )
    .toArray();
  return groups.map(({ ids }) => `_id ${ids.slice(0, shownOfGroup).map(String).join(', ')}`).join('; ');
}
