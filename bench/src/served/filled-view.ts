/** Fills a view: the first task by the product's own steps, copies of its entry by a script of ours, in bulk. */
import {
  openRedisDatabase,
  partitionCount,
  partitionKeys,
  taskKeys,
} from '@connections/database/drivers/view-parts';
import { systemClock } from '@connections/runtime';
import type { SendCommand } from './bare-redis.ts';
import { taskCategory, taskId } from './storage-ops.ts';
import type { ViewFilled } from './view-ops.ts';

export type TaskView = Awaited<ReturnType<typeof openRedisDatabase>>['taskView'];
export type TaskRef = Parameters<typeof taskKeys>[0];
export type TaskRecord = Parameters<TaskView['fill']>[2];

export const viewNamespace = 'default';
export const viewTtlMs = 3_600_000;
/** Buffered in every view, for the look at what waits. */
const waitingTasks = 256;
const leaseMs = 10_000;
const namesAtOnce = 2_000;
const { signal } = new AbortController();

/** KEYS: index. ARGV: before the names of entries, the text of an entry, when the first expires, names. */
const copyEntries = `
for i = 4, #ARGV do
  local at = ARGV[3] + i
  redis.call('SET', ARGV[1] .. ARGV[i], ARGV[2], 'PXAT', at)
  redis.call('ZADD', KEYS[1], at, ARGV[i])
end`;

export const viewRef = (index: number): TaskRef => ({
  namespace: viewNamespace,
  category: taskCategory,
  id: taskId(index),
});

export function recordOf(ref: TaskRef, revision: number): TaskRecord {
  const at = 1_700_000_000_000;
  const task = {
    ...ref,
    status: 'pending',
    code: 202,
    message: 'waits',
    data: new Map([['step', '0']]),
    importName: 'bench',
    fields: new Map<string, string>(),
    incarnation: 'bench',
    revision,
    createdAt: at,
    updatedAt: at,
  };
  return { task, ring: [{ revision, requestId: 'request-of-the-bench' }] };
}

export async function openView(url: string): Promise<TaskView> {
  const { taskView } = await openRedisDatabase({ url, clock: systemClock });
  return taskView;
}

/** Every partition gets its epoch and its checkpoint. */
export async function fillView(view: TaskView, send: SendCommand, tasks: number): Promise<ViewFilled> {
  for (let partition = 0; partition < partitionCount; partition++) {
    await view.tail.advance(partition, { from: undefined, to: checkpoint }, signal);
  }
  await fillOne(view, viewRef(0), 1);
  for (let each = 0; each < waitingTasks; each++) await buffer(view, viewRef(tasks + each), undefined);
  const before = await usedBytes(send);
  const text = String(await send(['GET', taskKeys(viewRef(0)).entry]));
  const rest = text.slice(text.indexOf('\n'));
  const names = new Map<number, string[]>();
  for (let index = 1; index < tasks; index++) {
    const ref = viewRef(index);
    const partition = view.tail.partitionOf(ref);
    const waiting = names.get(partition) ?? [];
    names.set(partition, waiting);
    waiting.push(taskKeys(ref).name);
    if (waiting.length < namesAtOnce) continue;
    await copy(send, partition, rest, waiting);
    names.delete(partition);
  }
  for (const [partition, waiting] of names) await copy(send, partition, rest, waiting);
  return { bytesPerTask: ((await usedBytes(send)) - before) / (tasks - 1) };
}

/** Of all partitions, as long as no feed is followed. */
export const checkpoint = 'bench';

async function copy(
  send: SendCommand,
  partition: number,
  rest: string,
  names: readonly string[],
): Promise<void> {
  const { epoch, index, entryPrefix } = partitionKeys(partition);
  const text = `${String(await send(['GET', epoch]))}${rest}`;
  await send(['EVAL', copyEntries, '1', index, entryPrefix, text, `${Date.now() + viewTtlMs}`, ...names]);
}

export async function fillOne(view: TaskView, ref: TaskRef, revision: number): Promise<void> {
  const lease = await view.lease(ref, leaseMs, signal);
  if (lease.outcome !== 'GRANTED') throw new Error(`the lease was ${lease.outcome}`);
  if (!(await view.fill(ref, lease.lease, recordOf(ref, revision), viewTtlMs, signal))) {
    throw new Error('the view was not filled');
  }
}

let marks = 0;

/** Resolves with the mark of the buffer. */
export async function buffer(view: TaskView, ref: TaskRef, revision: number | undefined): Promise<string> {
  const append = appendOf(ref, revision);
  const outcome = await view.append(ref, append, signal);
  if (outcome !== 'APPENDED') throw new Error(`an operation was ${outcome}`);
  return append.operation.mark;
}

/** On an entry of that revision, or on none. */
export function appendOf(ref: TaskRef, revision: number | undefined): Parameters<TaskView['append']>[1] {
  marks += 1;
  const { task } = recordOf(ref, revision ?? 1);
  const { status, code, message, data, incarnation } = task;
  const state = { status, code, message, data };
  return {
    on: revision === undefined ? undefined : { stamp: { incarnation, revision }, mark: undefined },
    operation: {
      mark: `bench-${marks}`,
      at: task.updatedAt,
      operation: { kind: 'put', requestId: `request-${marks}`, principal: 'bench', state, ifAbsent: false },
    },
    task,
    withinMs: 10_000,
  };
}

async function usedBytes(send: SendCommand): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(String(await send(['INFO', 'memory'])))?.[1]);
}
