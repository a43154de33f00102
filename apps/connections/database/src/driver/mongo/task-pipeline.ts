/** The update pipelines of tasks: each decides, applies and records one write inside one atomic operation of the server. */
import { createHash } from 'node:crypto';
import { limits } from '@connections/runtime';
import type { Document } from 'mongodb';
import type { TaskPatch, TaskRef, TaskState } from '../../port/tasks.ts';
import { defaultNamespace, isOddField, isOddKey, type Pair } from './task-document.ts';
import {
  asObject,
  calls,
  type Expression,
  isMissing,
  isNew,
  isRepeated,
  isText,
  isTooLarge,
  literal,
  now,
  oddPairs,
  plainEntries,
  revision,
  ring,
  withoutPairs,
} from './task-expressions.ts';

/** The last calls that wrote a task: more than come to one while a process reads what its own left there. */
const rememberedCalls = 8;

/** A write on its way: who makes it and until when. */
export interface TaskCommit {
  readonly ref: TaskRef;
  /** Of this call alone: a document that has it among its last calls was written by this one. */
  readonly call: string;
  readonly requestId: string | undefined;
  readonly principal: string;
  /** Epoch milliseconds in the server's time: what was stuck on its way does nothing afterwards. */
  readonly deadline: number | undefined;
}

/** A write that is made by one operation on the task's document. */
export interface TaskUpdate {
  readonly commit: TaskCommit;
  readonly pipeline: Document[];
  /** Makes the task where there is none. */
  readonly upsert: boolean;
}

/** What becomes of a task: `base`, and over it `set` and the parts of `cs` that carry odd names. */
interface NextTask {
  readonly base: Expression;
  readonly set: Readonly<Record<string, Expression>>;
  readonly odd: Expression | undefined;
  readonly oddFields: Expression | undefined;
}

export function putPipeline(commit: TaskCommit, state: TaskState, ifAbsent: boolean): Document[] {
  const { category, id } = commit.ref;
  const { status, code, message, data } = state;
  const odd = oddPairs(data);
  const next: NextTask = {
    // An upsert's document has no _id yet.
    base: { $cond: [isMissing('$_id'), {}, { _id: '$_id' }] },
    set: {
      task: literal(category),
      task_id: literal(id),
      import_name: literal(data.get('import_name') || 'default'),
      status: literal(status),
      code: literal(code),
      message: literal(message),
      data: literal(plainEntries(data)),
    },
    odd: odd.length > 0 ? literal(odd) : undefined,
    oddFields: undefined,
  };
  return written(commit, next, { refused: ifAbsent ? [{ $not: [isNew] }] : [], tooLarge: false });
}

/** A patch that leaves too large a task leaves the task as it was. */
export function patchPipeline(
  commit: TaskCommit,
  patch: TaskPatch,
  expected: number | undefined,
): Document[] {
  const { status, code, message, data } = patch;
  const fields = patch.fields ?? new Map<string, string>();
  const next: NextTask = {
    base: {
      $mergeObjects: [
        '$$ROOT',
        // What the first implementation may have left out.
        {
          status: { $ifNull: ['$status', ''] },
          code: { $ifNull: ['$code', 0] },
          message: { $ifNull: ['$message', ''] },
        },
        literal(plainEntries(fields, isOddField)),
      ],
    },
    set: {
      ...(status !== undefined && { status: literal(status) }),
      ...(code !== undefined && { code: literal(code) }),
      ...(message !== undefined && { message: literal(message) }),
      ...(data && { data: patchedData(data), import_name: patchedImportName(data) }),
    },
    odd: data ? patchedOdd(data) : '$cs.odd',
    oddFields: mergedPairs('$cs.oddFields', [], oddPairs(fields, isOddField)),
  };
  return written(commit, next, {
    refused: expected === undefined ? [] : [{ $ne: [revision, literal(expected)] }],
    tooLarge: data !== undefined || message !== undefined || fields.size > 0 ? isTooLarge : false,
  });
}

/** The identity leaves the reach of every filter and index of tasks; what is left is forgotten by and by. */
export function removalPipeline(commit: TaskCommit): Document[] {
  const { requestId, call } = commit;
  const key = literal(removalKey(commit.ref, requestId ?? call));
  const removed = tombstone(commit, { was: { $not: [isNew] }, key });
  return [{ $replaceWith: unlessLate(commit, { $cond: [isRepeated(requestId), '$$ROOT', removed] }) }];
}

/** What the unique index on removals holds, so that a repeated one is never a second one, whatever came between. */
export function removalKey({ namespace, category, id }: TaskRef, request: string): string {
  return createHash('sha256')
    .update(JSON.stringify([namespace, category, id, request]))
    .digest('base64url');
}

/** For what else of an old task's duplicates there is. */
export function duplicatesPipeline(commit: TaskCommit): Document[] {
  return [{ $replaceWith: tombstone(commit, { was: true }) }];
}

interface Conditions {
  /** Any of these leaves the document as it is. */
  readonly refused: readonly Expression[];
  readonly tooLarge: Expression;
}

function written(commit: TaskCommit, next: NextTask, { refused, tooLarge }: Conditions): Document[] {
  const { ref, call, requestId, principal } = commit;
  const rev = { $cond: [isNew, 1, { $add: [revision, 1] }] };
  const entry = [{ rev, id: literal(requestId) }];
  const cs = {
    ...(ref.namespace !== defaultNamespace && { ns: literal(ref.namespace) }),
    rev,
    born: { $cond: [isNew, now, '$cs.born'] },
    // A clock that was set back must not make a task older than it was.
    at: { $max: [now, '$cs.at'] },
    // For whoever polls commits: as the clock was.
    committed: now,
    calls: lastOf(calls, [{ rev, id: call }], rememberedCalls),
    ring: requestId === undefined ? ring : lastOf(ring, entry, limits.requestRing),
    ...(next.odd !== undefined && { odd: next.odd }),
    ...(next.oddFields !== undefined && { oddFields: next.oddFields }),
  };
  const made = { $mergeObjects: [next.base, { ...next.set, cs }] };
  const kept =
    tooLarge === false ? withHistory(principal) : { $cond: [tooLarge, '$$ROOT', withHistory(principal)] };
  const after = { $let: { vars: { n: made }, in: kept } };
  const refusals = { $or: [isRepeated(requestId), ...refused] };
  return [{ $replaceWith: unlessLate(commit, { $cond: [refusals, '$$ROOT', after] }) }];
}

/** The new document, `$$n`, with the change of status noted that this write makes, if it makes one. */
function withHistory(principal: string): Expression {
  const transition = {
    revision: '$$n.cs.rev',
    at: '$$n.cs.at',
    status: '$$n.status',
    code: '$$n.code',
    message: { $cond: [isText('$$n.message'), { $substrCP: ['$$n.message', 0, limits.noteBytes] }, ''] },
    principal: literal(principal),
  };
  const before = { $ifNull: ['$cs.history', []] };
  const changed = { $or: [isNew, { $ne: ['$status', '$$n.status'] }] };
  const history = { $cond: [changed, lastOf(before, [transition], limits.transitions), before] };
  return { $mergeObjects: ['$$n', { cs: { $mergeObjects: ['$$n.cs', { history }] } }] };
}

/** An upsert that comes late cannot but leave a document: one that no reader finds. */
function unlessLate(commit: TaskCommit, change: Expression): Expression {
  if (commit.deadline === undefined) return change;
  const leave = { $cond: [isNew, tombstone(commit, { was: false, late: true }), '$$ROOT'] };
  // Numbers: not every server can compare its own time with one that it was given.
  const isLate = { $gt: [{ $toLong: now }, commit.deadline] };
  return { $cond: [{ $and: [isLate, { $not: [isRepeated(commit.requestId)] }] }, leave, change] };
}

function tombstone({ ref, call }: TaskCommit, parts: Readonly<Record<string, Expression>>): Expression {
  const { namespace, category, id } = ref;
  const of = { ns: literal(namespace), task: literal(category), task_id: literal(id) };
  // No time, which would put it into lists, and not nothing either, which would put it among those without one.
  return { cs: { at: false, committed: now, removed: { ...of, at: now, call, ...parts } } };
}

type DataPatch = NonNullable<TaskPatch['data']>;

function patchedData({ replace, remove, set }: DataPatch): Expression {
  const plain = literal(plainEntries(set));
  if (replace) return plain;
  const data = asObject('$data');
  if (remove.length === 0) return { $mergeObjects: [data, plain] };
  return { $mergeObjects: [{ $arrayToObject: withoutPairs({ $objectToArray: data }, remove) }, plain] };
}

function patchedOdd({ replace, remove, set }: DataPatch): Expression | undefined {
  const given = oddPairs(set);
  return replace ? literal(given) : mergedPairs('$cs.odd', remove.filter(isOddKey), given);
}

function patchedImportName({ replace, remove, set }: DataPatch): Expression {
  const named = set.get('import_name');
  if (named !== undefined) return literal(named || 'default');
  if (replace || remove.includes('import_name')) return 'default';
  const stored = '$data.import_name';
  const isNamed = { $and: [isText(stored), { $ne: [stored, ''] }] };
  return { $cond: [isNamed, stored, { $ifNull: ['$import_name', 'default'] }] };
}

/** Without a change, what is there, if anything is. */
function mergedPairs(path: string, remove: readonly string[], set: readonly Pair[]): Expression {
  const names = [...remove, ...set.map(({ k }) => k)];
  if (names.length === 0) return path;
  return { $concatArrays: [withoutPairs({ $ifNull: [path, []] }, names), literal(set)] };
}

function lastOf(list: Expression, more: readonly Expression[], count: number): Expression {
  return { $slice: [{ $concatArrays: [list, more] }, -count] };
}
