/** What a request on tasks may hold. */
import { limits } from '@connections/runtime';
import type { RequestCheck } from '@connections/runtime/errors';
import { taskBytes } from '../domain/task-bounds.ts';
import type { TaskPatch, TaskRef, TaskState } from '../port/tasks.ts';

const int32 = [-(2 ** 31), 2 ** 31 - 1] as const;

export function checkTaskRef(check: RequestCheck, ref: TaskRef): TaskRef {
  const namespace = check.namespace(ref.namespace);
  check.name('category', ref.category, limits.categoryBytes);
  check.name('id', ref.id, limits.keyBytes);
  return { namespace, category: ref.category, id: ref.id };
}

export function checkState(check: RequestCheck, state: TaskState): void {
  check.name('state.status', state.status, limits.statusBytes);
  check.integer('state.code', state.code, int32);
  checkContent(check, 'state.', state.message, state.data);
}

export function checkPatch(check: RequestCheck, patch: TaskPatch): void {
  if (patch.status !== undefined) check.name('status', patch.status, limits.statusBytes);
  if (patch.code !== undefined) check.integer('code', patch.code, int32);
  checkContent(check, '', patch.message ?? '', patch.data?.set ?? new Map());
  if (patch.data && patch.data.remove.length > limits.taskDataKeys) {
    check.add('remove_data', `has ${patch.data.remove.length} keys; the limit is ${limits.taskDataKeys}`);
  }
  for (const [name, value] of patch.fields ?? []) {
    check.name('field', name, limits.keyBytes);
    check.size('value', Buffer.byteLength(value), limits.taskBytes);
  }
}

function checkContent(
  check: RequestCheck,
  path: string,
  message: string,
  data: ReadonlyMap<string, string>,
): void {
  if (data.size > limits.taskDataKeys) {
    check.add(`${path}data`, `has ${data.size} keys; the limit is ${limits.taskDataKeys}`);
  }
  const bytes = taskBytes({ message, data });
  if (bytes > limits.taskBytes) {
    check.add(`${path}data`, `and message are ${bytes} bytes together; the limit is ${limits.taskBytes}`);
  }
  // It becomes part of the task's identity in lists, where names follow the rules of names.
  check.label(`${path}data["import_name"]`, data.get('import_name') ?? '', limits.keyBytes);
}
