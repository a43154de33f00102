/** Redis and MongoDB through our ports. */
import { type OpenedPorts, openPorts } from '@connections/database/drivers';
import { budgetedPort, CallEnding, limits, systemClock } from '@connections/runtime';
import {
  cacheKey,
  ringSize,
  schemaDocument,
  schemaName,
  taskCategory,
  taskId,
  valueBytes,
} from './storage-ops.ts';
import { cacheNamespaces, type StoreDriver } from './store-ops.ts';

/** As a service gives it. */
const signal = new CallEnding();
const value = Buffer.alloc(valueBytes, 'x');
const expiresAt = Date.now() + 3_600_000;
const written = { requestId: undefined, principal: 'bench', allowBuffered: false };
const patching = { ...written, expectedRevision: undefined };
const putting = { ...written, ifAbsent: false };
const state = { status: 'pending', code: 202, message: '', data: new Map<string, string>() };
const schema = { namespace: 'default', name: schemaName };
const taskOf = (index: number) => ({
  namespace: 'default',
  category: taskCategory,
  id: taskId(index % ringSize),
});
const keys = Array.from({ length: ringSize }, (_, index) => cacheKey(index));
const entries = keys.map((key) => ({ key, value, expiresAt }));

type Ports = OpenedPorts['ports'];

/** As the drivers give them, and as the services have them: with a signal and a budget for each call. */
export async function openPortStores(redis: string, mongo: string) {
  const request = {
    folder: '',
    sync: 'second',
    maxBytes: 0,
    clock: systemClock,
    taskTtlMs: () => 60_000,
    taskWaitMs: 1_000,
    mongo: { database: 'bench', schemasCollection: 'schemas', tasksCollection: 'tasks' },
  } as const;
  const { ports } = await openPorts({ cache: redis, schemas: mongo, tasks: mongo }, request);
  await seed(ports);
  const budget = { clock: systemClock, limitMs: limits.storeCallMs };
  const budgeted = {
    cache: budgetedPort('cache', ports.cache, budget),
    schemas: budgetedPort('schema', ports.schemas, budget),
    tasks: budgetedPort('task', ports.tasks, budget),
  };
  return { port: storesOn(ports), budgeted: storesOn(budgeted) };
}

async function seed({ cache, schemas, tasks }: Ports): Promise<void> {
  for (const namespace of cacheNamespaces) await cache.set(namespace, entries, signal);
  await Promise.all(keys.map((_, index) => tasks.put(taskOf(index), state, putting, signal)));
  const candidate = {
    document: schemaDocument,
    fingerprint: 'f'.repeat(64),
    author: '',
    note: '',
    createdAt: Date.now(),
    statedAt: undefined,
  };
  await schemas.register(schema, candidate, { mustExist: false, requestId: undefined }, signal);
}

function storesOn({ cache, schemas, tasks }: Ports): StoreDriver {
  const patch = (index: number) => {
    const change = {
      code: index % 1_000,
      data: { replace: false, remove: [], set: new Map([['step', String(index)]]) },
    };
    return tasks.patch(taskOf(index), change, patching, signal);
  };
  return {
    perform(call, index) {
      switch (call.op) {
        case 'cache get':
          return cache.get(call.namespace, [cacheKey(index)], signal);
        case 'cache set':
          return cache.set(call.namespace, [{ key: cacheKey(index), value, expiresAt }], signal);
        case 'cache get of 100':
          return cache.get(call.namespace, keys, signal);
        case 'cache set of 100':
          return cache.set(call.namespace, entries, signal);
        case 'task patch':
          return patch(index);
        case 'task patches of 64':
          throw new RangeError('on a port they go together by themselves');
        case 'schema get':
          return schemas.find(schema, { by: 'active' }, signal);
      }
    },
  };
}
