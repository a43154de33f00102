/** The update pipelines of what comes home from a buffer: the identity reserved, and the task as it became, as one change. */
import { limits } from '@connections/runtime';
import type { Document } from 'mongodb';
import { beginning } from '../../domain/task-transition.ts';
import type { Settlement } from '../../port/task-ledger.ts';
import type { TaskStamp } from '../../port/task-operation.ts';
import type { Task, Transition } from '../../port/tasks.ts';
import { defaultNamespace, isOddField } from './task-document.ts';
import {
  type Expression,
  isNew,
  isReserved,
  isText,
  lastOf,
  literal,
  oddPairs,
  ownId,
  plainEntries,
  revision,
} from './task-expressions.ts';
import { numbered, revisionAfter, type TaskCommit, wholeState } from './task-pipeline.ts';
import { removal, removed, unlessLate } from './task-tombstone.ts';

/** The task is at exactly this stamp. */
export function isAt({ incarnation, revision: number }: TaskStamp): Expression {
  const isIncarnation = { $eq: [{ $toString: '$_id' }, literal(incarnation)] };
  return { $and: [isIncarnation, { $eq: [revision, literal(number)] }, { $not: [isReserved] }] };
}

/** The document is what `reservationPipeline` made of it for the same call. */
export function isReservedBy({ call }: TaskCommit): Expression {
  return { $and: [isReserved, { $eq: ['$cs.removed.call', call] }] };
}

/**
 * Takes the identity for this call where there is no task. It has no time of a commit: it is none, and whoever polls
 * commits would take what comes after it for told.
 */
export function reservationPipeline(commit: TaskCommit): Document[] {
  const { namespace, category, id } = commit.ref;
  const cs = {
    ...(namespace !== defaultNamespace && { ns: literal(namespace) }),
    ...removed(commit, { reserved: true }),
  };
  const reservation = { $mergeObjects: [ownId, { task: literal(category), task_id: literal(id), cs }] };
  return [{ $replaceWith: unlessLate(commit, { $cond: [isNew, reservation, '$$ROOT'] }) }];
}

/** The document becomes the task, if `condition` holds. */
export function settlementPipeline(
  commit: TaskCommit,
  condition: Expression,
  task: Task,
  { operations, transitions }: Settlement,
): Document[] {
  const entries = operations.map(({ requestId, mark }, at) => {
    return { rev: revisionAfter(at + 1), id: literal(requestId), mark: literal(mark) };
  });
  const odd = oddPairs(task.data);
  const oddFields = oddPairs(task.fields, isOddField);
  const history = { $ifNull: ['$cs.history', []] };
  const cs = {
    ...numbered(commit.ref, commit.call, revisionAfter(operations.length), entries),
    ...(odd.length > 0 && { odd: literal(odd) }),
    ...(oddFields.length > 0 && { oddFields: literal(oddFields) }),
    history: lastOf(history, literals(transitions), limits.transitions),
  };
  const state = { ...wholeState(commit.ref, task), ...literalFields(task) };
  const after = { $mergeObjects: [whatIsNoText, ownId, { ...state, cs }] };
  return [{ $replaceWith: unlessLate(commit, { $cond: [condition, after, '$$ROOT'] }) }];
}

/** The task goes, if `condition` holds; `keyed`: a repeated removal with the same request id finds this one. */
export function settledRemovalPipeline(
  commit: TaskCommit,
  condition: Expression,
  { operations }: Settlement,
  keyed: boolean,
): Document[] {
  const { requestId, mark } = operations.at(-1) ?? {};
  const tombstone = removal({ ...commit, requestId }, mark === undefined ? {} : { mark: literal(mark) }, {
    keyed,
  });
  return [{ $replaceWith: unlessLate(commit, { $cond: [condition, tombstone, '$$ROOT'] }) }];
}

/** What other programs keep beside a task, and no buffer knows of. */
const whatIsNoText: Expression = {
  $arrayToObject: { $filter: { input: { $objectToArray: '$$ROOT' }, cond: { $not: isText('$$this.v') } } },
};

function literalFields({ fields }: Task): Record<string, Expression> {
  return Object.fromEntries(
    [...plainEntries(fields, isOddField)].map(([name, value]) => [name, literal(value)]),
  );
}

function literals(transitions: readonly Transition[]): Expression[] {
  return transitions.map(({ at, message, ...rest }) =>
    literal({ ...rest, at: new Date(at), message: beginning(message) }),
  );
}
