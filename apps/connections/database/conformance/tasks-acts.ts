/** What the clauses of the tasks do again and again. */
import type { Clause, World } from '@connections/testing';
import type {
  Task,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskRef,
  TaskState,
  Tasks,
  TaskWritten,
  WriteOptions,
} from '../src/port/tasks.ts';

export type TasksClause = Clause<Tasks>;
export type TasksWorld = World<Tasks>;

/** Whom the services report for callers that have not said who they are: clauses run through the wire, too. */
export const principal = 'anonymous';

export function writing(requestId?: string): WriteOptions {
  return { requestId, principal, allowBuffered: false };
}

/** Makes the next write later than the last: the order of updates is the order of their times. */
export function later(world: TasksWorld): Promise<void> {
  return world.passTime(5);
}

export function refOf({ namespace }: TasksWorld, id = 't1', category = 'validation'): TaskRef {
  return { namespace, category, id };
}

export function stateOf(
  state: Partial<Omit<TaskState, 'data'>> & { readonly data?: Readonly<Record<string, string>> } = {},
): TaskState {
  const { status = 'accepted', code = 202, message = '', data = {} } = state;
  return { status, code, message, data: new Map(Object.entries(data)) };
}

export interface Putting {
  readonly id?: string;
  readonly category?: string;
  readonly ifAbsent?: boolean;
  readonly requestId?: string;
}

export function put(
  world: TasksWorld,
  state: Parameters<typeof stateOf>[0] = {},
  { id, category, ifAbsent = false, requestId }: Putting = {},
): Promise<TaskWritten> {
  const options = { ...writing(requestId), ifAbsent };
  return world.port.put(refOf(world, id, category), stateOf(state), options, world.signal);
}

export interface Patching {
  readonly id?: string;
  readonly category?: string;
  readonly expectedRevision?: number;
  readonly requestId?: string;
}

export function patch(
  world: TasksWorld,
  change: TaskPatch,
  { id, category, expectedRevision, requestId }: Patching = {},
): Promise<TaskWritten> {
  const options = { ...writing(requestId), expectedRevision };
  return world.port.patch(refOf(world, id, category), change, options, world.signal);
}

/** The part of a patch that changes data. */
export function data(
  set: Readonly<Record<string, string>>,
  { remove = [], replace = false }: { readonly remove?: readonly string[]; readonly replace?: boolean } = {},
): TaskPatch {
  return { data: { replace, remove, set: new Map(Object.entries(set)) } };
}

export function remove(world: TasksWorld, { id, category, requestId }: Patching = {}) {
  return world.port.remove(refOf(world, id, category), writing(requestId), world.signal);
}

export async function read(world: TasksWorld, id?: string, category?: string): Promise<Task | undefined> {
  const options = { token: undefined, strong: true };
  return (await world.port.get(refOf(world, id, category), options, world.signal)).task;
}

/** Status, code, message and data, as plain as they were put. */
export function shown(task: Task | undefined) {
  return task && { ...stateOf({ ...task, data: {} }), data: new Map(task.data) };
}

export function queryOf(world: TasksWorld, filter: Partial<TaskQuery> = {}): TaskQuery {
  const { namespace } = world;
  return { namespace, category: undefined, importName: undefined, status: undefined, ...filter };
}

/** The pages of a query to its end, each asked for when the one before was taken. */
export async function* pages(
  world: TasksWorld,
  filter: Partial<TaskQuery>,
  { limit = 100, maxBytes = 1_000_000 } = {},
): AsyncIterable<TaskPage> {
  let after: string | undefined;
  do {
    const bounds = { after, limit, maxBytes };
    const page = await world.port.list(queryOf(world, filter), bounds, world.signal);
    yield page;
    after = page.next;
  } while (after !== undefined);
}

/** The ids of all pages of a query, in the order met. */
export async function ids(
  world: TasksWorld,
  filter: Partial<TaskQuery> = {},
  limit?: number,
): Promise<string[]> {
  const met: string[] = [];
  for await (const page of pages(world, filter, limit === undefined ? {} : { limit })) {
    met.push(...page.tasks.map((task) => task.id));
  }
  return met;
}

export async function transitionsOf(world: TasksWorld, id?: string) {
  return (await world.port.transitions(refOf(world, id), world.signal))?.transitions;
}

/** The statuses that a task has gone through. */
export async function statuses(world: TasksWorld, id?: string): Promise<string[] | undefined> {
  return (await transitionsOf(world, id))?.map((transition) => transition.status);
}
