/** Tasks, operations and servers for the tests of the view on Redis. */

import { systemClock } from '@connections/runtime';
import { eventually, type TestServer } from '@connections/testing';
import { openRedisDatabase } from '../src/driver/redis/redis-database.ts';
import type { BufferedOperation, TaskRecord } from '../src/port/task-operation.ts';
import type { Append, TaskView } from '../src/port/task-view.ts';
import type { Task, TaskRef } from '../src/port/tasks.ts';
import { patient } from './redis-ports.ts';

export const hourMs = 3_600_000;

export const refTo = (id: string): TaskRef => ({ namespace: 'default', category: 'validation', id });

export function taskOf(ref: TaskRef, change: Partial<Task> = {}): Task {
  return {
    ...ref,
    status: 'running',
    code: 102,
    message: 'half of it',
    data: new Map([
      ['import_name', 'i'],
      ['done', '512'],
    ]),
    importName: 'i',
    fields: new Map(),
    incarnation: '66f2a0c39b1d4e0012ab34cd',
    revision: 1,
    createdAt: 1_758_000_000_000,
    updatedAt: 1_758_000_001_000,
    ...change,
  };
}

export function recordOf(ref: TaskRef, change: Partial<Task> = {}): TaskRecord {
  const task = taskOf(ref, change);
  return { task, ring: [{ revision: task.revision, requestId: `request ${task.revision}` }] };
}

export function bufferedPut(mark: string, task: Task): BufferedOperation {
  const { status, code, message, data } = task;
  const asked = { requestId: `request ${mark}`, principal: 'someone' };
  const operation = {
    ...asked,
    kind: 'put',
    state: { status, code, message, data },
    ifAbsent: false,
  } as const;
  return { mark, at: 1_758_000_000_000, operation };
}

/** A put that begins without knowing the task. */
export function blindPut(ref: TaskRef, mark: string, change: Partial<Task> = {}): Append {
  const task = taskOf(ref, change);
  return { on: undefined, operation: bufferedPut(mark, task), task, withinMs: 5_000 };
}

/** One more on what is there. */
export async function nextPut(view: TaskView, ref: TaskRef, mark: string): Promise<Append> {
  const entry = await view.readWhole(ref, patient);
  const on = entry && { stamp: entry.base, mark: entry.operations.at(-1)?.mark };
  return { ...blindPut(ref, mark), on };
}

/** Gives the partition a checkpoint, so that its entries may be filled. */
export async function begin(view: TaskView, ref: TaskRef): Promise<void> {
  const partition = view.tail.partitionOf(ref);
  const { checkpoint } = await view.tail.claim(partition, 'begin', 1, patient);
  if (checkpoint === undefined) await view.tail.advance(partition, { from: undefined, to: 'c0' }, patient);
}

export async function filled(view: TaskView, record: TaskRecord, ttlMs = hourMs): Promise<void> {
  await begin(view, record.task);
  const lease = await view.lease(record.task, 5_000, patient);
  if (lease.outcome !== 'GRANTED') throw new Error(`the lease is ${lease.outcome}`);
  if (!(await view.fill(record.task, lease.lease, record, ttlMs, patient))) throw new Error('not filled');
}

/** A view that has reached its servers. */
export async function openView({
  url,
}: Pick<TestServer, 'url'>): Promise<{ readonly view: TaskView } & AsyncDisposable> {
  const database = await openRedisDatabase({ url, clock: systemClock });
  try {
    await eventually(() => database.taskView.ping(patient), 10_000);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  return { view: database.taskView, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}
