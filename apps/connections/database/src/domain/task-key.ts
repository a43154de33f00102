/** A task as a key of a map: of two tasks never the same. */
import type { TaskRef } from '../port/tasks.ts';

export function taskKey({ namespace, category, id }: TaskRef): string {
  return JSON.stringify([namespace, category, id]);
}
