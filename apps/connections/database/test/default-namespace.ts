/**
 * Ports whose namespace `default` stands in for that of a clause; the clause's other namespaces stay what they are. In the
 * default one data lies where the first implementation has it.
 */
import type { Cache } from '../src/port/cache.ts';
import type { SchemaRecord, SchemaRef, Schemas } from '../src/port/schemas.ts';
import type { Task, TaskRef, Tasks } from '../src/port/tasks.ts';

type Named = Pick<TaskRef, 'namespace'>;

const ofClause = /^t-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const named = (namespace: string) => (ofClause.test(namespace) ? 'default' : namespace);
const within = <Ref extends Named>(ref: Ref): Ref => ({ ...ref, namespace: named(ref.namespace) });

export function cacheInDefault(cache: Cache): Cache {
  return {
    get capabilities() {
      return cache.capabilities;
    },
    get: (namespace, ...rest) => cache.get(named(namespace), ...rest),
    set: (namespace, ...rest) => cache.set(named(namespace), ...rest),
    delete: (namespace, ...rest) => cache.delete(named(namespace), ...rest),
    list: (namespace, ...rest) => cache.list(named(namespace), ...rest),
    clear: (namespace, ...rest) => cache.clear(named(namespace), ...rest),
    ping: (signal) => cache.ping(signal),
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  };
}

export function schemasInDefault(schemas: Schemas): Schemas {
  const back = (record: SchemaRecord, { namespace }: Pick<SchemaRef, 'namespace'>) => ({
    ...record,
    namespace,
  });
  return {
    capabilities: schemas.capabilities,
    register: async (ref, ...rest) => {
      const registration = await schemas.register(within(ref), ...rest);
      return { ...registration, record: back(registration.record, ref) };
    },
    find: async (ref, ...rest) => {
      const found = await schemas.find(within(ref), ...rest);
      return found && { ...found, record: back(found.record, ref) };
    },
    versions: (ref, ...rest) => schemas.versions(within(ref), ...rest),
    list: async (namespace, ...rest) => {
      const page = await schemas.list(named(namespace), ...rest);
      return { ...page, records: page.records.map((record) => back(record, { namespace })) };
    },
    count: (namespace, signal) => schemas.count(named(namespace), signal),
    revert: async (ref, ...rest) => back(await schemas.revert(within(ref), ...rest), ref),
    remove: async (ref, ...rest) => {
      const removal = await schemas.remove(within(ref), ...rest);
      return removal?.outcome === 'reverted' ? { ...removal, record: back(removal.record, ref) } : removal;
    },
    ping: (signal) => schemas.ping(signal),
    [Symbol.asyncDispose]: () => schemas[Symbol.asyncDispose](),
  };
}

export function tasksInDefault(tasks: Tasks): Tasks {
  const back = <Kept extends Task | undefined>(task: Kept, { namespace }: Named): Kept =>
    task && { ...task, namespace };
  return {
    capabilities: tasks.capabilities,
    put: async (ref, ...rest) => {
      const written = await tasks.put(within(ref), ...rest);
      return { ...written, task: back(written.task, ref) };
    },
    patch: async (ref, ...rest) => {
      const written = await tasks.patch(within(ref), ...rest);
      return { ...written, task: back(written.task, ref) };
    },
    remove: (ref, ...rest) => tasks.remove(within(ref), ...rest),
    get: async (ref, ...rest) => {
      const read = await tasks.get(within(ref), ...rest);
      return { ...read, task: back(read.task, ref) };
    },
    list: async (query, ...rest) => {
      const page = await tasks.list(within(query), ...rest);
      return { ...page, tasks: page.tasks.map((task) => back(task, query)) };
    },
    transitions: (ref, ...rest) => tasks.transitions(within(ref), ...rest),
    ping: (signal) => tasks.ping(signal),
    [Symbol.asyncDispose]: () => tasks[Symbol.asyncDispose](),
  };
}
