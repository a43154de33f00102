/** Whether two tasks say the same, whatever their numbers and times are. */
import type { Task } from '../port/tasks.ts';

type State = Pick<Task, 'status' | 'code' | 'message' | 'data' | 'fields'>;

export function hasSameState(one: State, other: State): boolean {
  const isAlike = one.status === other.status && one.code === other.code && one.message === other.message;
  return isAlike && isSame(one.data, other.data) && isSame(one.fields, other.fields);
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
