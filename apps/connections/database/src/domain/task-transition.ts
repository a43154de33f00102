/** What a write makes of a task. Pure: every driver of the task port, and its tests, share it. */
import { limits } from '@connections/runtime';
import { invalidField } from '@connections/runtime/errors';
import type { Task, TaskPatch, TaskRef, TaskState, Transition } from '../port/tasks.ts';
import { taskBytes } from './task-bounds.ts';

export function createdTask(
  { namespace, category, id }: TaskRef,
  { status, code, message, data }: TaskState,
  { incarnation, now }: { readonly incarnation: string; readonly now: number },
): Task {
  return {
    namespace,
    category,
    id,
    status,
    code,
    message,
    data,
    importName: importNameOf(data),
    fields: new Map(),
    incarnation,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
}

/** The whole state, `fields` included, becomes what is given. */
export function replacedTask(task: Task, { status, code, message, data }: TaskState, now: number): Task {
  return written(task, { status, code, message, data, fields: new Map() }, now);
}

/** Throws INVALID_ARGUMENT when the task would outgrow its bounds: a patch alone cannot tell. */
export function patchedTask(task: Task, patch: TaskPatch, now: number): Task {
  const change = {
    ...(patch.status !== undefined && { status: patch.status }),
    ...(patch.code !== undefined && { code: patch.code }),
    ...(patch.message !== undefined && { message: patch.message }),
    ...(patch.data && { data: patchedData(task.data, patch.data) }),
    ...(patch.fields && { fields: new Map([...task.fields, ...patch.fields]) }),
  };
  const after = written(task, change, now);
  checkContent('data', after.message, after.data);
  checkContent('fields', '', after.fields);
  return after;
}

/** The change of status that a write makes, or undefined. `before` is undefined for a new task. */
export function transitionOf(
  before: Task | undefined,
  after: Task,
  principal: string,
): Transition | undefined {
  const { revision, updatedAt, status, code, message } = after;
  if (before?.status === status) return undefined;
  return { revision, at: updatedAt, status, code, message: beginning(message), principal };
}

function written(task: Task, change: Partial<Task>, now: number): Task {
  const data = change.data ?? task.data;
  return {
    ...task,
    ...change,
    importName: importNameOf(data),
    revision: task.revision + 1,
    // A clock that was set back must not make a task older than it was.
    updatedAt: Math.max(now, task.updatedAt),
  };
}

function importNameOf(data: ReadonlyMap<string, string>): string {
  return data.get('import_name') || 'default';
}

function patchedData(
  data: ReadonlyMap<string, string>,
  { replace, remove, set }: NonNullable<TaskPatch['data']>,
): ReadonlyMap<string, string> {
  if (replace) return set;
  const patched = new Map(data);
  for (const key of remove) patched.delete(key);
  for (const [key, value] of set) patched.set(key, value);
  return patched;
}

function checkContent(field: string, message: string, data: ReadonlyMap<string, string>): void {
  if (data.size > limits.taskDataKeys) {
    throw invalidField(field, `the task would have ${data.size} keys; the limit is ${limits.taskDataKeys}`);
  }
  const bytes = taskBytes({ message, data });
  if (bytes > limits.taskBytes) {
    throw invalidField(field, `the task would have ${bytes} bytes; the limit is ${limits.taskBytes}`);
  }
}

/** The first characters that fit into the bound, which 100 transitions of a task must keep to. */
export function beginning(message: string): string {
  if (Buffer.byteLength(message) <= limits.noteBytes) return message;
  let cut = '';
  let bytes = 0;
  for (const character of message) {
    bytes += Buffer.byteLength(character);
    if (bytes > limits.noteBytes) break;
    cut += character;
  }
  return cut;
}
