/** What the kinds of task feed are made from. */
import type { Collection, Document } from 'mongodb';
import type { FeedBatch } from '../../port/task-feed.ts';
import type { MongoLink } from './mongo-link.ts';

export interface FeedSource {
  readonly link: MongoLink;
  /** Tasks of the default namespace. */
  readonly tasks: Collection<Document>;
  /** Those of all others. */
  readonly spaces: Collection<Document>;
}

export function lost(reason: string): FeedBatch {
  return { outcome: 'HISTORY_LOST', reason };
}
