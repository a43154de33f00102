/** How large a write is as data. */
import type { TaskOperation } from '../port/task-operation.ts';
import { taskBytes } from './task-bounds.ts';

/** The bytes of its texts; names and numbers are not counted. */
export function operationBytes(operation: TaskOperation): number {
  if (operation.kind === 'remove') return 0;
  if (operation.kind === 'put') return taskBytes(operation.state);
  const { message = '', data, fields = new Map() } = operation.patch;
  const removed = Buffer.byteLength(data?.remove.join('') ?? '');
  return (
    taskBytes({ message, data: data?.set ?? new Map() }) + taskBytes({ message: '', data: fields }) + removed
  );
}
