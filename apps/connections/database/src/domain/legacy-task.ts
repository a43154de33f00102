/** A task as the first implementation keeps it on Redis: the hash `{task}:task:{task_id}`, whose data is JSON text. */
import { limits } from '@connections/runtime';
import type { TaskRef, TaskState } from '../port/tasks.ts';
import { type ExactJson, type ExactObject, parseExact } from './exact-json.ts';
import { jsonDepth } from './json-depth.ts';
import { extraText } from './typed-extra.ts';

export interface LegacyTask {
  readonly state: TaskState;
  /** Whatever else a client had set beside the state. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Undefined for a key that names no task. An id may hold what stands between the two. */
export function legacyRef(key: string): TaskRef | undefined {
  const [, category, id] = /^(.+?):task:(.+)$/s.exec(key) ?? [];
  return category === undefined || id === undefined ? undefined : { namespace: 'default', category, id };
}

/** Neither names nor sizes are checked. A text says what keeps the hash from being a task. */
export function legacyTask(hash: ReadonlyMap<string, string>): LegacyTask | string {
  const { status, code, message, data, ...others } = Object.fromEntries(hash);
  if (status === undefined) return 'it has no status';
  if (code === undefined) return 'it has no code';
  if (message === undefined) return 'it has no message';
  if (data === undefined) return 'it has no data';
  if (!/^[+-]?\d+$/.test(code)) return 'its code is no number';
  const read = dataOf(data);
  if (typeof read === 'string') return read;
  return {
    state: { status, code: Number(code), message, data: read },
    fields: new Map(Object.entries(others)),
  };
}

function dataOf(text: string): ReadonlyMap<string, string> | string {
  if (jsonDepth(text) > limits.schemaDepth) return 'its data nests too deep';
  const value = parsed(text);
  if (!(value instanceof Map)) return 'its data is no JSON object';
  const members: ExactObject = value;
  const data = new Map([...members].map(([name, item]) => [name, item === null ? '' : extraText(item)]));
  const halves = [...data].flat().some((each) => /\p{Surrogate}/u.test(each));
  return halves ? 'its data is no text that UTF-8 can hold' : data;
}

function parsed(text: string): ExactJson | undefined {
  try {
    return parseExact(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
