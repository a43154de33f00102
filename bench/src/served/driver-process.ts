/** Drivers without a service in front: the ports as the service has them, in a process of their own. */
import { type OpenedPorts, openPorts } from '@connections/database/drivers';
import { CallEnding, systemClock } from '@connections/runtime';
import { answerParent } from '../child/answer-parent.ts';
import type { LoadResult } from '../load/load-target.ts';
import {
  cacheKey,
  ringSize,
  type StorageOp,
  schemaDocument,
  schemaName,
  taskCategory,
  taskId,
  valueBytes,
} from './storage-ops.ts';

export type DriverQuestion =
  | { readonly ask: 'open'; readonly folder: string }
  | { readonly ask: 'run'; readonly op: StorageOp; readonly inFlight: number; readonly runMs: number };

type Ports = OpenedPorts['ports'];

/** As a service gives it. */
const signal = new CallEnding();
const namespace = 'default';
const value = Buffer.alloc(valueBytes, 'x');
const written = { requestId: undefined, principal: 'bench', allowBuffered: false };
const state = { status: 'pending', code: 202, message: '', data: new Map<string, string>() };
const expiresAt = Date.now() + 3_600_000;

let ports: Ports | undefined;
/** Beyond what patches go around. */
let nextTask = ringSize;

answerParent<DriverQuestion, LoadResult | undefined>(async (question) => {
  if (question.ask === 'run') return run(opened(), question.op, question.inFlight, question.runMs);
  const { folder } = question;
  const mongo = { database: 'bench', schemasCollection: 'schemas', tasksCollection: 'tasks' };
  const taskTtlMs = () => 60_000;
  const request = {
    folder,
    sync: 'second',
    maxBytes: 2 ** 32,
    clock: systemClock,
    taskTtlMs,
    taskWaitMs: 1_000,
    mongo,
  } as const;
  const urls = { cache: 'embedded:', schemas: 'embedded:', tasks: 'embedded:' };
  ({ ports } = await openPorts(urls, request));
  await seed(ports);
  return undefined;
});

function opened(): Ports {
  if (!ports) throw new Error('no ports are open');
  return ports;
}

async function seed({ cache, schemas, tasks }: Ports): Promise<void> {
  for (let index = 0; index < ringSize; index++) {
    await cache.set(namespace, [{ key: cacheKey(index), value, expiresAt }], signal);
    await tasks.put(refOf(index), state, { ...written, ifAbsent: true }, signal);
  }
  const candidate = {
    document: schemaDocument,
    fingerprint: 'f'.repeat(64),
    author: '',
    note: '',
    createdAt: Date.now(),
    statedAt: undefined,
  };
  await schemas.register(schemaRef, candidate, { mustExist: false, requestId: undefined }, signal);
}

const schemaRef = { namespace, name: schemaName };

function refOf(index: number) {
  return { namespace, category: taskCategory, id: taskId(index) };
}

function perform({ cache, schemas, tasks }: Ports, op: StorageOp, index: number): Promise<unknown> {
  switch (op) {
    case 'cache get':
      return cache.get(namespace, [cacheKey(index)], signal);
    case 'cache set':
      return cache.set(namespace, [{ key: cacheKey(index), value, expiresAt }], signal);
    case 'task create':
      return tasks.put(refOf(nextTask++), state, { ...written, ifAbsent: true }, signal);
    case 'task patch': {
      const patch = {
        code: index % 1_000,
        data: { replace: false, remove: [], set: new Map([['step', String(index)]]) },
      };
      return tasks.patch(refOf(index % ringSize), patch, { ...written, expectedRevision: undefined }, signal);
    }
    case 'schema get':
      return schemas.find(schemaRef, { by: 'active' }, signal);
  }
}

async function run(on: Ports, op: StorageOp, inFlight: number, runMs: number): Promise<LoadResult> {
  const begin = performance.now();
  let calls = 0;
  const worker = async () => {
    while (performance.now() - begin < runMs) {
      await perform(on, op, calls++);
      // A server takes the next call from the event loop: with one in flight, so does this.
      if (calls % inFlight === 0) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { calls, elapsedMs: performance.now() - begin };
}
