/** What a removal leaves of a task: a document without its identity, which no reader finds and which is purged after a day. */
import { createHash } from 'node:crypto';
import type { Document } from 'mongodb';
import type { TaskRef } from '../../port/tasks.ts';
import { type Expression, isNew, isRepeated, literal, now } from './task-expressions.ts';
import type { TaskCommit } from './task-pipeline.ts';

type Removing = Pick<TaskCommit, 'ref' | 'call'>;

/** The identity leaves the reach of every filter and index of tasks; what is left is forgotten by and by. */
export function removalPipeline(commit: TaskCommit): Document[] {
  const change = { $cond: [isRepeated(commit.requestId), '$$ROOT', removal(commit)] };
  return [{ $replaceWith: unlessLate(commit, change) }];
}

/** The document of a removal. With its key a repeated one finds it. */
export function removal(
  { ref, requestId, call }: TaskCommit,
  parts: Readonly<Record<string, Expression>> = {},
  { keyed } = { keyed: true },
): Expression {
  return tombstone(
    { ref, call },
    {
      was: { $not: [isNew] },
      ...(keyed && { key: literal(removalKey(ref, requestId ?? call)) }),
      ...(requestId !== undefined && { request: literal(requestId) }),
      ...parts,
    },
  );
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

/** An upsert that comes late cannot but leave a document: one that no reader finds. */
export function unlessLate(commit: TaskCommit, change: Expression): Expression {
  if (commit.deadline === undefined) return change;
  const leave = { $cond: [isNew, tombstone(commit, { was: false, late: true }), '$$ROOT'] };
  // Numbers: not every server can compare its own time with one that it was given.
  const isLate = { $gt: [{ $toLong: now }, commit.deadline] };
  return { $cond: [{ $and: [isLate, { $not: [isRepeated(commit.requestId)] }] }, leave, change] };
}

function tombstone(commit: Removing, parts: Readonly<Record<string, Expression>>): Expression {
  return { cs: { ...removed(commit, parts), committed: now } };
}

/** The part of `cs` that says what is not there. */
export function removed({ ref, call }: Removing, parts: Readonly<Record<string, Expression>>) {
  const { namespace, category, id } = ref;
  const of = { ns: literal(namespace), task: literal(category), task_id: literal(id) };
  // No time, which would put it into lists, and not nothing either, which would put it among those without one.
  return { at: false, removed: { ...of, at: now, call, ...parts } };
}
