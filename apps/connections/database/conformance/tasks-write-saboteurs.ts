/** Drivers that break the clauses of tasks by what they write: TA-1xx to TA-3xx, TA-6xx to TA-8xx. */
import { failure } from '@connections/runtime/errors';
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { TaskPatch, TaskRef, TaskState, Tasks, TaskWritten } from '../src/port/tasks.ts';
import { stateOf, writing } from './tasks-acts.ts';

type Data = NonNullable<TaskPatch['data']>;

/** Stores another state than it was given. */
function putting(change: (state: TaskState) => TaskState): Saboteur<Tasks> {
  return (port) => sabotaged(port, { put: (ref, state, ...rest) => port.put(ref, change(state), ...rest) });
}

/** Keeps tasks under other references. */
function placed(change: (ref: TaskRef) => TaskRef): Saboteur<Tasks> {
  return (port) =>
    sabotaged(port, {
      put: (ref, ...rest) => port.put(change(ref), ...rest),
      get: (ref, ...rest) => port.get(change(ref), ...rest),
    });
}

/** Answers otherwise than it wrote. */
function answering(change: (written: TaskWritten) => TaskWritten): Saboteur<Tasks> {
  return (port) => sabotaged(port, { put: async (...call) => change(await port.put(...call)) });
}

function patching(change: (patch: TaskPatch) => TaskPatch): Saboteur<Tasks> {
  return (port) =>
    sabotaged(port, { patch: (ref, patch, ...rest) => port.patch(ref, change(patch), ...rest) });
}

function merging(change: (data: Data) => Data): Saboteur<Tasks> {
  return patching((patch) => (patch.data ? { ...patch, data: change(patch.data) } : patch));
}

const forgetsRequestIds: Saboteur<Tasks> = (port) =>
  sabotaged(port, {
    put: (ref, state, options, signal) => port.put(ref, state, { ...options, requestId: undefined }, signal),
    patch: (ref, patch, options, signal) =>
      port.patch(ref, patch, { ...options, requestId: undefined }, signal),
    remove: (ref, options, signal) => port.remove(ref, { ...options, requestId: undefined }, signal),
  });

const upserts: Saboteur<Tasks> = (port) =>
  sabotaged(port, {
    async patch(ref, patch, options, signal) {
      const { task } = await port.get(ref, { token: undefined, strong: true }, signal);
      if (!task) await port.put(ref, stateOf(), { ...writing(), ifAbsent: false }, signal);
      return port.patch(ref, patch, options, signal);
    },
  });

const strong = { token: undefined, strong: true };

export const tasksWriteSaboteurs: Saboteurs<Tasks> = {
  'TA-101': answering((written) => ({ ...written, created: false })),
  'TA-102': (port) =>
    sabotaged(port, {
      async put(ref, state, options, signal) {
        const { task } = await port.get(ref, strong, signal);
        const data = new Map([...(task?.data ?? []), ...state.data]);
        return port.put(ref, { ...state, data }, options, signal);
      },
    }),
  'TA-103': answering((written) => ({
    ...written,
    task: { ...written.task, updatedAt: written.task.createdAt },
  })),
  'TA-104': answering((written) => ({ ...written, created: false })),
  'TA-105': (port) =>
    sabotaged(port, {
      put: (ref, state, options, signal) => port.put(ref, state, { ...options, ifAbsent: false }, signal),
    }),
  'TA-106': putting((state) => ({ ...state, message: state.message.trim() })),
  'TA-107': putting((state) => ({ ...state, code: Math.max(state.code, 0) })),
  'TA-108': placed((ref) => ({ ...ref, id: ref.id.toLowerCase() })),
  'TA-109': putting((state) => ({
    ...state,
    data: new Map([...state.data].filter(([key]) => key !== '__proto__')),
  })),
  'TA-110': placed((ref) => ({ ...ref, category: 'all' })),
  'TA-111': placed((ref) => ({ ...ref, namespace: 'all' })),
  'TA-113': putting((state) => ({ ...state, data: new Map([...state.data].slice(0, 256)) })),

  'TA-201': patching((patch) => ({ message: '', ...patch })),
  'TA-202': patching(({ message, code, ...patch }) => ({
    ...patch,
    ...(message ? { message } : {}),
    ...(code ? { code } : {}),
  })),
  'TA-203': merging((data) => ({ ...data, replace: true })),
  'TA-204': merging((data) => ({
    ...data,
    set: new Map([...data.set].filter(([key]) => !data.remove.includes(key))),
  })),
  'TA-205': merging((data) => ({ ...data, replace: false })),
  'TA-206': upserts,
  'TA-207': (port) =>
    sabotaged(port, {
      patch(ref, patch, options, signal) {
        const expectedRevision = options.expectedRevision && options.expectedRevision + 1;
        return port.patch(ref, patch, { ...options, expectedRevision }, signal);
      },
    }),
  'TA-208': (port) =>
    sabotaged(port, {
      patch: (ref, patch, options, signal) =>
        port.patch(ref, patch, { ...options, expectedRevision: undefined }, signal),
    }),
  'TA-209': (port) =>
    sabotaged(port, {
      async put(ref, state, options, signal) {
        await port.remove(ref, writing(), signal);
        return port.put(ref, state, options, signal);
      },
    }),
  'TA-210': merging((data) => ({
    ...data,
    set: new Map([...data.set].filter(([key]) => key !== 'import_name')),
  })),
  'TA-211': (port) =>
    sabotaged(port, {
      async patch(ref, ...rest) {
        await port.patch({ ...ref, category: 'schemas' }, ...rest);
        return port.patch(ref, ...rest);
      },
    }),
  'TA-302': (port) =>
    sabotaged(port, { remove: async (...call) => ({ ...(await port.remove(...call)), removed: true }) }),
  'TA-303': (port) => {
    let removed = false;
    return sabotaged(port, {
      remove(...call) {
        removed = true;
        return port.remove(...call);
      },
      async put(...call) {
        const written = await port.put(...call);
        return removed ? { ...written, task: { ...written.task, revision: 3 } } : written;
      },
    });
  },
  'TA-304': (port) =>
    sabotaged(port, {
      async remove(ref, ...rest) {
        await port.remove({ ...ref, category: 'schemas' }, ...rest);
        return port.remove(ref, ...rest);
      },
    }),
  'TA-305': upserts,

  'TA-601': forgetsRequestIds,
  'TA-602': forgetsRequestIds,
  'TA-603': forgetsRequestIds,
  'TA-604': forgetsRequestIds,
  'TA-605': forgetsRequestIds,
  'TA-606': forgetsRequestIds,
  // Reads, merges and writes the whole.
  'TA-607': (port) =>
    sabotaged(port, {
      async patch(ref, patch, options, signal) {
        const { task } = await port.get(ref, strong, signal);
        if (!task) throw failure('TASK_NOT_FOUND', ref);
        const data = new Map([...task.data, ...(patch.data?.set ?? [])]);
        return port.put(ref, { ...task, data }, { ...options, ifAbsent: false }, signal);
      },
    }),
  // Looks first and writes then.
  'TA-608': (port) =>
    sabotaged(port, {
      async put(ref, state, options, signal) {
        const { task } = await port.get(ref, strong, signal);
        if (task && options.ifAbsent) throw failure('TASK_EXISTS', ref);
        return port.put(ref, state, { ...options, ifAbsent: false }, signal);
      },
    }),
  'TA-609': (port) =>
    sabotaged(port, {
      async patch(ref, patch, options, signal) {
        const { task } = await port.get(ref, strong, signal);
        const known = options.expectedRevision === task?.revision;
        const expectedRevision = known ? undefined : options.expectedRevision;
        return port.patch(ref, patch, { ...options, expectedRevision }, signal);
      },
    }),

  'TA-610': forgetsRequestIds,
  'TA-611': (port) => {
    const requests: string[] = [];
    return sabotaged(port, {
      patch(ref, patch, options, signal) {
        const id = String(options.requestId);
        const requestId = requests.slice(-8).includes(id) ? id : `${id} as number ${requests.length}`;
        requests.push(id);
        return port.patch(ref, patch, { ...options, requestId }, signal);
      },
    });
  },

  'TA-703': forgetsRequestIds,
  'TA-704': (port) =>
    sabotaged(port, { remove: (ref, options) => port.remove(ref, options, new AbortController().signal) }),

  'TA-802': (port) => {
    let first: string | undefined;
    return answering((written) => {
      first ??= written.task.incarnation;
      return { ...written, task: { ...written.task, incarnation: first } };
    })(port);
  },
  'TA-803': (port) =>
    sabotaged(port, {
      put: (ref, state, options, signal) => port.put(ref, state, { ...options, principal: '' }, signal),
    }),
  'TA-805': (port) => sabotaged(port, { [Symbol.asyncDispose]: async () => {} }),
};
