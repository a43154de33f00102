/** The tasks of the sample data, in and out. */
import { type CallOptions, type Client, isStatusError } from '@connections/grpc';
import type { taskService } from '@connections/proto-utils';
import { type SampleOutcome, sampleMark } from './sample-outcome.ts';
import { type SampleTask, sampleCategory, sampleSchema, sampleTasks } from './sample-set.ts';

type Tasks = Client<typeof taskService>;

const markKey = 'sample';

export function addTasks(tasks: Tasks, namespace: string, call: CallOptions): Promise<SampleOutcome[]> {
  return Promise.all(sampleTasks.map((task) => addTask(tasks, namespace, task, call)));
}

export function removeTasks(tasks: Tasks, namespace: string, call: CallOptions): Promise<SampleOutcome[]> {
  return Promise.all(sampleTasks.map((task) => removeTask(tasks, namespace, task, call)));
}

async function addTask(
  tasks: Tasks,
  namespace: string,
  { id, status, code, message }: SampleTask,
  call: CallOptions,
): Promise<SampleOutcome> {
  const data = new Map([
    ['import_name', sampleSchema.name],
    [markKey, sampleMark],
  ]);
  const state = { status, code, message, data };
  const created = await unless(
    'ALREADY_EXISTS',
    tasks.create({ namespace, category: sampleCategory, id, state }, call),
  );
  return { did: created ? 'added' : 'kept', kind: 'task', name: `${sampleCategory}/${id}` };
}

/** By what is written in it: a task of this name may have been made by someone else. */
async function removeTask(
  tasks: Tasks,
  namespace: string,
  { id }: SampleTask,
  call: CallOptions,
): Promise<SampleOutcome> {
  const key = { namespace, category: sampleCategory, id };
  const outcome = { kind: 'task', name: `${sampleCategory}/${id}` } as const;
  const found = await unless('NOT_FOUND', tasks.get({ ...key, strong: true }, call));
  if (!found) return { did: 'absent', ...outcome };
  if (found.task?.data.get(markKey) !== sampleMark) {
    return { did: 'left', ...outcome, note: 'it is not of the sample' };
  }
  const removed = await unless('NOT_FOUND', tasks.remove(key, call));
  return { did: removed ? 'removed' : 'absent', ...outcome };
}

/** Undefined for that failure alone. */
async function unless<Answer>(
  status: 'ALREADY_EXISTS' | 'NOT_FOUND',
  asked: Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isStatusError(error) && error.status === status) return undefined;
    throw error;
  }
}
