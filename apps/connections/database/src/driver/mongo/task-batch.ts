/** Writes of different tasks as one bulk write, and one read that tells what became of each. */

import {
  type BulkWriteResult,
  type Document,
  MongoBulkWriteError,
  MongoError,
  MongoServerError,
} from 'mongodb';
import { taskKey } from '../../domain/task-key.ts';
import type { TaskCollections } from './task-collections.ts';
import { revisionBy } from './task-document.ts';
import type { TaskUpdate } from './task-pipeline.ts';

/**
 * - A document: the write was made; this is the task as it left it, or newer when another process was quicker than our read.
 * - `NOT_MADE`: nothing came of it and nothing will. Alone it says why.
 * - `UNKNOWN`: another process left nothing that shows whether it was made.
 */
export type BatchOutcome = Document | 'NOT_MADE' | 'UNKNOWN';

/**
 * For tasks of one collection, each once, where no task has two documents. Rejects when the server does not say what it
 * has done: then any of them may have been made.
 */
export async function writeTogether(
  collections: TaskCollections,
  updates: readonly TaskUpdate[],
  signal: AbortSignal,
): Promise<BatchOutcome[]> {
  const { result, refused } = await reported(collections.updateEach(updates, signal));
  const found = await collections.findEach(
    updates.map(({ commit }) => commit.ref),
    signal,
  );
  const places = updates.map(({ commit: { ref, call } }, index) => {
    const document = found.get(taskKey(ref));
    const made = document && revisionBy(document, call) !== undefined ? document : undefined;
    return { ref, made, createdId: result.upsertedIds[index], isRefused: refused.has(index) };
  });
  const seen = places.filter(({ made, createdId }) => made && createdId === undefined).length;
  // An update that its pipeline refuses replaces the document by itself, which counts as no modification.
  const allSeen = result.modifiedCount === seen;
  return Promise.all(
    places.map(async ({ ref, made, createdId, isRefused }) => {
      if (made) return made;
      if (createdId !== undefined) return (await collections.findLate(ref, createdId, signal)) ?? 'UNKNOWN';
      return allSeen || isRefused ? 'NOT_MADE' : 'UNKNOWN';
    }),
  );
}

interface Report {
  readonly result: Pick<BulkWriteResult, 'modifiedCount' | 'upsertedIds'>;
  /** By their place among the writes. */
  readonly refused: ReadonlySet<number>;
}

async function reported(bulk: Promise<BulkWriteResult>): Promise<Report> {
  try {
    return { result: await bulk, refused: new Set() };
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    if (errors.length > 0)
      return { result: error.result, refused: new Set(errors.map(({ index }) => index)) };
    const cause: unknown = error.errorResponse;
    if (cause instanceof Error && !(cause instanceof MongoServerError)) throw cause;
    // Of the whole: how far it came by then, or whether a majority will have it, the server does not say.
    throw new MongoError('a bulk write was broken off', { cause: error });
  }
}
