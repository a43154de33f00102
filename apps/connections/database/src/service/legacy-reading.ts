/** Reads one task of the first implementation: what no caller could have put is none. */
import { type Ending, limits } from '@connections/runtime';
import { hasReason, RequestCheck } from '@connections/runtime/errors';
import { type LegacyTask, legacyTask } from '../domain/legacy-task.ts';
import { taskBytes } from '../domain/task-bounds.ts';
import type { LegacyTasks } from '../port/legacy-tasks.ts';
import type { TaskRef } from '../port/tasks.ts';
import { checkState, checkTaskRef } from './task-request.ts';

export interface LegacyName {
  readonly key: string;
  readonly ref: TaskRef;
}

export type LegacyReading =
  | { readonly outcome: 'TASK'; readonly task: LegacyTask }
  | { readonly outcome: 'GONE' }
  /** Its hash has more bytes than it may. */
  | { readonly outcome: 'LARGE' }
  | { readonly outcome: 'UNREADABLE'; readonly problem: string };

export async function readLegacy(
  legacy: LegacyTasks,
  { key, ref }: LegacyName,
  maxBytes: number,
  signal: Ending,
): Promise<LegacyReading> {
  const found = await legacy.read(key, maxBytes, signal);
  if (found.outcome !== 'FOUND') return found;
  const task = legacyTask(found.fields);
  const problem = typeof task === 'string' ? task : problemOf(ref, task);
  if (typeof task === 'string' || problem !== undefined) {
    return { outcome: 'UNREADABLE', problem: problem ?? '' };
  }
  return { outcome: 'TASK', task };
}

function problemOf(ref: TaskRef, { state, fields }: LegacyTask): string | undefined {
  const check = new RequestCheck();
  checkTaskRef(check, ref);
  checkState(check, state);
  for (const name of fields.keys()) check.name('field', name, limits.keyBytes);
  if (fields.size > limits.taskDataKeys) {
    check.add('fields', `are ${fields.size}; the limit is ${limits.taskDataKeys}`);
  }
  check.size('fields', taskBytes({ message: '', data: fields }), limits.taskBytes);
  try {
    check.done();
    return undefined;
  } catch (error) {
    if (!hasReason(error, 'INVALID_REQUEST')) throw error;
    return error.message;
  }
}
