/** What a change stream of the task collections is asked for, and what it says. */
import type { Document, ObjectId, Timestamp } from 'mongodb';

export interface TaskEvent {
  /** The place behind it. */
  readonly _id: Document;
  readonly operationType: string;
  readonly clusterTime: Timestamp;
  readonly ns: { readonly coll: string };
  readonly documentKey: { readonly _id: ObjectId };
  /** It brought what every commit of ours brings: a revision, or a tombstone. */
  readonly ours: boolean;
  /** Of a deletion: the parts that say which task it was, where the collection keeps what was before a change. */
  readonly before?: Document;
}

/** What becomes of one document; everything else happens to whole collections. */
export const writes: ReadonlySet<string> = new Set(['insert', 'replace', 'update', 'delete']);

const updated = { $objectToArray: { $ifNull: ['$updateDescription.updatedFields', {}] } };
const countedFields = {
  $filter: { input: updated, cond: { $in: ['$$this.k', ['cs', 'cs.rev', 'cs.removed']] } },
};
const ours = {
  $or: [
    { $eq: [{ $type: '$fullDocument.cs' }, 'object'] },
    // Its names have dots: no path leads to them.
    { $gt: [{ $size: countedFields }, 0] },
  ],
};
const was = '$fullDocumentBeforeChange';

/** Without the documents: they are read when they are told of, each once however often it changed meanwhile. */
export function feedPipeline(collections: readonly string[]): Document[] {
  const own = { $in: [...collections] };
  return [
    {
      $match: {
        $or: [
          { 'ns.coll': own },
          // Another collection takes the name.
          { 'to.coll': own },
          { operationType: { $in: ['dropDatabase', 'invalidate'] } },
        ],
      },
    },
    {
      $project: {
        operationType: 1,
        clusterTime: 1,
        ns: 1,
        documentKey: 1,
        ours,
        before: {
          _id: '$documentKey._id',
          task: `${was}.task`,
          task_id: `${was}.task_id`,
          cs: { ns: `${was}.cs.ns` },
        },
      },
    },
  ];
}
