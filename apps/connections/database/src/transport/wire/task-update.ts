/** What an UpdateTaskId request asks to change. */
import type { UpdateTaskIdRequest } from '@connections/proto-utils/wire/database';
import { invalidField } from '@connections/runtime/errors';
import type { TaskPatch } from '../../port/tasks.ts';

/** Names that a stored task has for its identity, its data and our own sub-document. */
const ownNames: readonly string[] = ['task_id', 'task', 'import_name', 'data', '_id', 'cs'];

/** Throws INVALID_ARGUMENT for a field or value that is refused. A `message` beside the field wins over the field. */
export function taskUpdate(request: UpdateTaskIdRequest): TaskPatch {
  const { message, data, resetData: replace = false } = request;
  return {
    ...fieldChange(request.field, request.value),
    ...(message ? { message } : {}),
    ...(data.size > 0 ? { data: { replace, remove: [], set: data } } : {}),
  };
}

function fieldChange(field: string, value: string): TaskPatch {
  if (field === 'status') return { status: value };
  if (field === 'message') return { message: value };
  if (field === 'code') {
    if (!/^[+-]?\d+$/.test(value)) throw invalidField('value', 'must be a number, as the new code');
    return { code: Number(value) };
  }
  if (field === '' || field.startsWith('cs.') || ownNames.includes(field)) {
    throw invalidField('field', 'is no field that an update may set');
  }
  return { fields: new Map([[field, value]]) };
}
