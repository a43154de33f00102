/** Embedded storage over gRPC and directly on its drivers. */
import type { MethodDefinition, Partially } from '@connections/grpc';
import { cacheService, connectDatabase, schemaService, taskService } from '@connections/proto-utils';
import { startChild } from '../child/child.ts';
import { type ServiceProcess, startServices } from '../child/service-process.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { checkedReply } from '../load/checked-reply.ts';
import { loadCase, type ServedTarget } from '../load/load-case.ts';
import type { LoadResult } from '../load/load-target.ts';
import { ownLoad } from '../load/own-load.ts';
import { interleave } from '../measure/interleave.ts';
import type { Case } from '../measure/measurement.ts';
import type { DriverQuestion } from '../served/driver-process.ts';
import {
  cacheKey,
  ringSize,
  type StorageOp,
  schemaDocument,
  schemaName,
  storageOps,
  taskCategory,
  taskId,
  valueBytes,
} from '../served/storage-ops.ts';
import type { BenchPart } from './bench-part.ts';

const shapes = [
  { connections: 1, streams: 1 },
  { connections: 4, streams: 16 },
] as const;
/** New tasks made ready for one run: more than the service creates meanwhile. */
const createsPerSecond = 20_000;

export const storagePart: BenchPart = {
  name: 'storage',
  title: 'Embedded storage over gRPC and directly on its drivers',
  async run({ effort, note }) {
    const runMs = effort.runMs / 4;
    await using services = await startServices();
    // Requests differ from call to call, which h2load cannot do.
    await using generator = ownLoad();
    const module = new URL('../served/driver-process.js', import.meta.url).href;
    await using driver = startChild<DriverQuestion, LoadResult | undefined>(module, 'server');
    await driver.ask({ ask: 'open', folder: temporaryFolder() });
    const targets = targetsOf(services, runMs);
    await seed(services);
    // Writes by it once, too.
    for (const op of storageOps) await checkedReply(targets[op]());
    const cases = storageOps.flatMap((op) =>
      shapes.flatMap(({ connections, streams }): Case[] => {
        const inFlight = connections * streams;
        const onDriver: Case = {
          name: `${op} on the driver, ${inFlight} in flight`,
          async run() {
            const result = await driver.ask({ ask: 'run', op, inFlight, runMs });
            if (!result) throw new Error('the driver was not measured');
            return { 'operations/s': result.calls / (result.elapsedMs / 1_000) };
          },
        };
        const overGrpc = loadCase(generator, { connections, streams, runMs }, targets[op], {
          name: `${op} over gRPC, ${inFlight} in flight`,
        });
        return [onDriver, overGrpc];
      }),
    );
    note(`${cases.length} cases`);
    return await interleave('storage', cases, effort);
  },
};

async function seed({ database }: ServiceProcess): Promise<void> {
  using client = connectDatabase(database);
  const value = Buffer.alloc(valueBytes, 'x');
  for (let index = 0; index < ringSize; index++) {
    await client.cache.set({ key: cacheKey(index), value });
    await client.tasks.create({ category: taskCategory, id: taskId(index), state });
  }
  await client.schemas.register({ name: schemaName, document: schemaDocument });
}

const state = { status: 'pending', code: 202 };

function targetsOf(
  { database, pid }: ServiceProcess,
  runMs: number,
): Readonly<Record<StorageOp, () => ServedTarget>> {
  const value = Buffer.alloc(valueBytes, 'x');
  const category = taskCategory;
  let nextTask = ringSize;
  const target = <Request>(
    { path, request }: MethodDefinition<Request, unknown>,
    count: number,
    requestOf: (index: number) => Partially<Request>,
  ): ServedTarget => ({
    address: database,
    pid,
    path,
    requests: Array.from({ length: count }, (_, index) => request.encode(request.create(requestOf(index)))),
  });
  const { get, set } = cacheService.methods;
  const { create, patch } = taskService.methods;
  const ring = {
    'cache get': target(get, ringSize, (index) => ({ key: cacheKey(index) })),
    'cache set': target(set, ringSize, (index) => ({ key: cacheKey(index), value })),
    'task patch': target(patch, ringSize, (index) => ({
      category,
      id: taskId(index),
      code: index,
      data: new Map([['step', String(index)]]),
    })),
    'schema get': target(schemaService.methods.get, 1, () => ({ name: schemaName })),
  };
  const creates = () => ({
    ...target(create, (createsPerSecond * runMs) / 1_000, () => ({
      category,
      id: taskId(nextTask++),
      state,
    })),
    once: true,
  });
  return {
    'cache get': () => ring['cache get'],
    'cache set': () => ring['cache set'],
    'task create': creates,
    'task patch': () => ring['task patch'],
    'schema get': () => ring['schema get'],
  };
}
