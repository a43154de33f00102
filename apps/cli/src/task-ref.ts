/** The name of a task on the command line. */
import { InvalidArgumentError } from 'commander';

export interface TaskRef {
  readonly category: string;
  readonly id: string;
}

/** `category/id`, split at the first slash, as the subject of a message is. */
export function parseTaskRef(text: string): TaskRef {
  const slash = text.indexOf('/');
  if (slash > 0 && slash < text.length - 1) {
    return { category: text.slice(0, slash), id: text.slice(slash + 1) };
  }
  throw new InvalidArgumentError('expected category/id, as in validation/42');
}
