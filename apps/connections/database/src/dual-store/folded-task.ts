/** What one operation makes of one task. Pure: a buffer shows what the ledger would answer, and brings home the same. */
import { failure } from '@connections/runtime/errors';
import { createdTask, patchedTask, replacedTask } from '../domain/task-transition.ts';
import type { TaskOperation, TaskStamp } from '../port/task-operation.ts';
import type { Task, TaskRef } from '../port/tasks.ts';

/** Undefined when it removes. `life`: of the task that comes of it. Throws what the ledger would refuse with. */
export function foldedTask(
  ref: TaskRef,
  task: Task | undefined,
  operation: TaskOperation,
  life: TaskStamp & { readonly now: number },
): Task | undefined {
  if (operation.kind === 'remove') return undefined;
  const after =
    operation.kind === 'put'
      ? putTask(ref, task, operation, life)
      : patchedTask(patchable(ref, task, operation), operation.patch, life.now);
  return { ...after, incarnation: life.incarnation, revision: life.revision };
}

type Operation<Kind> = Extract<TaskOperation, { readonly kind: Kind }>;

function putTask(
  ref: TaskRef,
  task: Task | undefined,
  { state, ifAbsent }: Operation<'put'>,
  life: TaskStamp & { readonly now: number },
): Task {
  if (!task) return createdTask(ref, state, life);
  if (ifAbsent) throw failure('TASK_EXISTS', { category: ref.category, id: ref.id });
  return replacedTask(task, state, life.now);
}

function patchable(
  { category, id }: TaskRef,
  task: Task | undefined,
  { expectedRevision: expected }: Operation<'patch'>,
): Task {
  if (!task) throw failure('TASK_NOT_FOUND', { category, id });
  const actual = task.revision;
  if (expected !== undefined && expected !== actual) {
    throw failure('TASK_REVISION_CONFLICT', { category, id, actual, expected });
  }
  return task;
}
