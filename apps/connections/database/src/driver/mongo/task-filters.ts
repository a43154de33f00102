/** Which documents a call on tasks is about. Every text of a caller is compared, never read as an operator. */
import { failure } from '@connections/runtime/errors';
import { type Document, ObjectId } from 'mongodb';
import type { TaskQuery, TaskRef } from '../../port/tasks.ts';
import { grouped } from './grouped.ts';
import { defaultNamespace } from './task-document.ts';

/**
 * Found by the unique index, for which SecantusDB wants texts as they are: with `$eq` it reads all. While there are
 * duplicates in old data, the oldest is the task.
 */
export function identityFilter({ namespace, category, id }: TaskRef): Document {
  const ofSpace = namespace === defaultNamespace ? {} : { 'cs.ns': namespace };
  return { ...ofSpace, task: category, task_id: id };
}

/** Of tasks in one collection. */
export function identitiesFilter(refs: readonly TaskRef[]): Document {
  const groups = grouped(refs, ({ namespace, category }) => JSON.stringify([namespace, category]));
  const filters = [...groups.values()].map((group) => ({
    ...identityFilter(group[0]),
    task_id: { $in: group.map(({ id }) => id) },
  }));
  return filters.length === 1 ? (filters[0] ?? {}) : { $or: filters };
}

/** Part of a list that one scan of an index yields in order. */
export interface ListRange {
  readonly filter: Document;
  readonly sort: Readonly<Record<string, -1>>;
}

/**
 * Newest first, then what the first implementation wrote and nobody since: that has no time, and goes by its `_id`. A
 * write moves its task to the front, before any cursor.
 */
export function listRanges(query: TaskQuery, after: string | undefined): ListRange[] {
  const filter = queryFilter(query);
  const timed = (times: Document): ListRange => ({
    filter: { ...filter, 'cs.at': times },
    sort: { 'cs.at': -1, _id: -1 },
  });
  const alike = (time: Date | null, ids: Document = {}): ListRange => ({
    filter: { ...filter, 'cs.at': time, ...ids },
    sort: { _id: -1 },
  });
  if (after === undefined) return [timed({ $gte: new Date(0) }), alike(null)];
  const { at, id } = placeOf(after);
  const older = { _id: { $lt: id } };
  if (at === undefined) return [alike(null, older)];
  return [alike(at, older), timed({ $gte: new Date(0), $lt: at }), alike(null)];
}

/** The cursor behind a document. */
export function cursorAt({ _id, cs }: Document): string {
  return `${cs?.at?.getTime() ?? '-'}.${_id.toHexString()}`;
}

function queryFilter({ namespace, category, importName, status }: TaskQuery): Document {
  return {
    ...(namespace !== defaultNamespace && { 'cs.ns': { $eq: namespace } }),
    ...(category !== undefined && { task: { $eq: category } }),
    ...(importName !== undefined && { import_name: { $eq: importName } }),
    ...(status !== undefined && { status: { $eq: status } }),
    task_id: { $exists: true },
  };
}

function placeOf(cursor: string): { readonly at: Date | undefined; readonly id: ObjectId } {
  const [, time, id] = /^(-|\d{1,15})\.([0-9a-f]{24})$/.exec(cursor) ?? [];
  if (time === undefined || id === undefined) throw failure('PAGE_TOKEN_INVALID', {});
  return { at: time === '-' ? undefined : new Date(Number(time)), id: new ObjectId(id) };
}
