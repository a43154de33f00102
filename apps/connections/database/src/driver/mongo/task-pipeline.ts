/** The update pipelines of tasks: each decides, applies and records one write inside one atomic operation of the server. */
import { limits } from '@connections/runtime';
import type { Document } from 'mongodb';
import type { TaskPatch, TaskRef, TaskState } from '../../port/tasks.ts';
import { defaultNamespace, isOddField, isOddKey, type Pair } from './task-document.ts';
import {
  asObject,
  calls,
  type Expression,
  isNew,
  isRepeated,
  isReserved,
  isText,
  isTooLarge,
  lastOf,
  literal,
  now,
  oddPairs,
  ownId,
  plainEntries,
  revision,
  ring,
  withoutPairs,
} from './task-expressions.ts';
import { unlessLate } from './task-tombstone.ts';

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
  const odd = oddPairs(state.data);
  const next: NextTask = {
    base: ownId,
    set: wholeState(commit.ref, state),
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
    refused: [isReserved, ...(expected === undefined ? [] : [{ $ne: [revision, literal(expected)] }])],
    tooLarge: data !== undefined || message !== undefined || fields.size > 0 ? isTooLarge : false,
  });
}

/** What a task is but for its `_id`, odd keys and fields. */
export function wholeState(
  { category, id }: TaskRef,
  { status, code, message, data }: TaskState,
): Record<string, Expression> {
  return {
    task: literal(category),
    task_id: literal(id),
    import_name: literal(data.get('import_name') || 'default'),
    status: literal(status),
    code: literal(code),
    message: literal(message),
    data: literal(plainEntries(data)),
  };
}

/** Of a document that so many writes go into. */
export function revisionAfter(writes: number): Expression {
  return { $cond: [isNew, writes, { $add: [revision, writes] }] };
}

/** The part of `cs` that every commit has: `rev` is the revision that it comes to, `entries` are those of its requests. */
export function numbered(
  { namespace }: TaskRef,
  call: string,
  rev: Expression,
  entries: readonly Expression[],
): Record<string, Expression> {
  return {
    ...(namespace !== defaultNamespace && { ns: literal(namespace) }),
    rev,
    born: { $cond: [isNew, now, '$cs.born'] },
    // A clock that was set back must not make a task older than it was.
    at: { $max: [now, '$cs.at'] },
    // For whoever polls commits: as the clock was.
    committed: now,
    calls: lastOf(calls, [{ rev, id: call }], rememberedCalls),
    ring: entries.length === 0 ? ring : lastOf(ring, entries, limits.requestRing),
  };
}

interface Conditions {
  /** Any of these leaves the document as it is. */
  readonly refused: readonly Expression[];
  readonly tooLarge: Expression;
}

function written(commit: TaskCommit, next: NextTask, { refused, tooLarge }: Conditions): Document[] {
  const { ref, call, requestId, principal } = commit;
  const rev = revisionAfter(1);
  const cs = {
    ...numbered(ref, call, rev, requestId === undefined ? [] : [{ rev, id: literal(requestId) }]),
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
