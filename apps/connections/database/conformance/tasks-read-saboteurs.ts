/** Drivers that break the clauses of tasks by what they read: TA-4xx and TA-5xx, and others' reading halves. */
import { failure } from '@connections/runtime/errors';
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Task, TaskPage, TaskQuery, Tasks, Transition } from '../src/port/tasks.ts';
import { stateOf, writing } from './tasks-acts.ts';

type Bounds = Parameters<Tasks['list']>[1];

/** Reads another task than it stored. */
function reading(change: (task: Task) => Task): Saboteur<Tasks> {
  return (port) =>
    sabotaged(port, {
      async get(...call) {
        const found = await port.get(...call);
        return { ...found, task: found.task && change(found.task) };
      },
    });
}

function asking(change: (query: TaskQuery) => TaskQuery): Saboteur<Tasks> {
  return (port) => sabotaged(port, { list: (query, ...rest) => port.list(change(query), ...rest) });
}

function bounded(change: (bounds: Bounds) => Bounds): Saboteur<Tasks> {
  return (port) =>
    sabotaged(port, { list: (query, bounds, signal) => port.list(query, change(bounds), signal) });
}

function paged(change: (page: TaskPage) => TaskPage): Saboteur<Tasks> {
  return (port) => sabotaged(port, { list: async (...call) => change(await port.list(...call)) });
}

function history(change: (transitions: readonly Transition[]) => readonly Transition[]): Saboteur<Tasks> {
  return (port) =>
    sabotaged(port, {
      async transitions(...call) {
        const found = await port.transitions(...call);
        return found && { ...found, transitions: change(found.transitions) };
      },
    });
}

export const tasksReadSaboteurs: Saboteurs<Tasks> = {
  'TA-112': reading((task) => ({ ...task, importName: 'default' })),
  'TA-301': (port) =>
    sabotaged(port, {
      transitions: async (...call) =>
        (await port.transitions(...call)) ?? { transitions: [], source: 'AUTHORITY' },
    }),

  'TA-401': (port) =>
    sabotaged(port, {
      async get(ref, options, signal) {
        const found = await port.get(ref, options, signal);
        if (!found.task) await port.put(ref, stateOf(), { ...writing(), ifAbsent: true }, signal);
        return found;
      },
    }),
  'TA-402': (port) =>
    sabotaged(port, { get: async (...call) => ({ ...(await port.get(...call)), source: 'VIEW' }) }),
  'TA-403': (port) => {
    let first: Task | undefined;
    return reading((task) => {
      first ??= task;
      return first;
    })(port);
  },
  'TA-404': asking((query) => ({ ...query, status: query.importName ? undefined : query.status })),
  'TA-405': paged((page) => ({ ...page, next: page.next ?? 'more' })),
  'TA-406': paged((page) => ({ ...page, tasks: page.tasks.toSorted((a, b) => b.createdAt - a.createdAt) })),
  'TA-407': asking((query) => ({ ...query, status: undefined })),
  'TA-408': bounded((bounds) => ({ ...bounds, limit: bounds.limit + 1 })),
  // Pages by offset.
  'TA-409': (port) =>
    sabotaged(port, {
      async list(query, { after, limit, maxBytes }, signal) {
        const offset = Number(after ?? 0);
        const bounds = { after: undefined, limit: offset + limit, maxBytes };
        const page = await port.list(query, bounds, signal);
        const tasks = page.tasks.slice(offset);
        return { ...page, tasks, next: page.next && String(offset + tasks.length) };
      },
    }),
  'TA-410': bounded((bounds) => ({ ...bounds, maxBytes: bounds.maxBytes * 2 })),
  'TA-411': (port) =>
    sabotaged(port, {
      async list(query, bounds, signal) {
        const page = await port.list(query, bounds, signal);
        const other = await port.list({ ...query, namespace: `${query.namespace}-b` }, bounds, signal);
        return { ...page, tasks: [...page.tasks, ...other.tasks] };
      },
    }),

  'TA-501': history((transitions) => transitions.flatMap((transition) => [transition, transition])),
  'TA-502': history((transitions) =>
    transitions.map((transition, index) => ({ ...transition, revision: index + 1 })),
  ),
  'TA-503': history((transitions) => transitions.slice(-50)),
  'TA-504': (port) => {
    let last: Awaited<ReturnType<Tasks['transitions']>>;
    return sabotaged(port, {
      async transitions(...call) {
        last = (await port.transitions(...call)) ?? last;
        return last;
      },
    });
  },

  // Knows tasks from memory.
  'TA-701': (port) => {
    const known = new Set<string>();
    return sabotaged(port, {
      put(ref, ...rest) {
        known.add(ref.id);
        return port.put(ref, ...rest);
      },
      async get(ref, ...rest) {
        const found = await port.get(ref, ...rest);
        return known.has(ref.id) ? found : { ...found, task: undefined };
      },
    });
  },
  'TA-702': (port) => {
    const known = new Set<string>();
    return sabotaged(port, {
      put(ref, ...rest) {
        known.add(ref.id);
        return port.put(ref, ...rest);
      },
      async list(...call) {
        const page = await port.list(...call);
        return { ...page, tasks: page.tasks.filter((task) => known.has(task.id)) };
      },
    });
  },
  'TA-705': (port) =>
    sabotaged(port, { transitions: (ref) => port.transitions(ref, new AbortController().signal) }),
  'TA-706': (port) =>
    sabotaged(port, {
      async ping() {
        throw failure('STORE_UNREACHABLE', { store: 'tasks' });
      },
    }),

  'TA-801': (port) => {
    let last: Task['fields'] = new Map();
    return reading((task) => {
      if (task.fields.size > 0) last = task.fields;
      return { ...task, fields: last };
    })(port);
  },
  'TA-804': bounded((bounds) => ({ ...bounds, maxBytes: Math.max(bounds.maxBytes, 10_000) })),
};
