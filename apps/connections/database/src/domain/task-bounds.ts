/** How large a task is. */
import type { Task } from '../port/tasks.ts';

interface TaskContent {
  readonly message: string;
  readonly data: ReadonlyMap<string, string>;
}

/** The bytes of message and data together: what the limit of a task's size counts. */
export function taskBytes({ message, data }: TaskContent): number {
  let bytes = Buffer.byteLength(message);
  for (const [key, value] of data) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}

/** What a task takes to read and to reply: with 1 000 tasks to a page the names count, and fields that none shows. */
export function readBytes(task: Task): number {
  const { category, id, status, importName, fields } = task;
  const names = Buffer.byteLength(`${category}${id}${status}${importName}`);
  return names + taskBytes(task) + taskBytes({ message: '', data: fields });
}
