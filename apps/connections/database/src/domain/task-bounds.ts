/** How large a task is. */

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
