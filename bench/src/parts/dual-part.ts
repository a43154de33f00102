/** The dual store of tasks in the real service: reads from the view, and durable writes, each against what it stands on. */
import { connectDatabase } from '@connections/proto-utils';
import { mongoMissing, prepareMongo, redisMissing, startMongo, startRedis } from '@connections/testing';
import { type ServiceProcess, startServices } from '../child/service-process.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import type { Measurement } from '../measure/measurement.ts';
import { ringSize, taskCategory, taskId } from '../served/storage-ops.ts';
import type { BenchPart } from './bench-part.ts';
import { measureReads, readState } from './dual-reads.ts';
import { measureWrites } from './dual-writes.ts';

const missing = () => redisMissing() ?? mongoMissing();

export const dualReadsPart: BenchPart = {
  name: 'dual-reads',
  title: 'The dual store of tasks: reads from the view against a bare GET',
  missing,
  run: (tools) => withServices((services, redis) => measureReads(tools, services, redis)),
};

export const dualWritesPart: BenchPart = {
  name: 'dual-writes',
  title: 'The dual store of tasks: durable writes against the bare driver',
  missing,
  run: (tools) => withServices((services) => measureWrites(tools, services)),
};

async function withServices(
  measure: (services: ServiceProcess, redisUrl: string) => Promise<Measurement[]>,
): Promise<Measurement[]> {
  await using redis = await startRedis();
  await using mongo = await startMongo();
  await prepareMongo(mongo.url);
  await using services = await startServices(temporaryFolder(), {
    DATABASE_TASKS_URL: mongo.url,
    DATABASE_TASKS_VIEW_URL: redis.url,
    // A test server of MongoDB is slow.
    DATABASE_TASKS_WAIT_MS: '4000',
  });
  await seed(services);
  return await measure(services, redis.url);
}

async function seed({ database }: ServiceProcess): Promise<void> {
  using client = connectDatabase(database);
  const data = new Map(Object.entries(readState.data));
  for (let index = 0; index < ringSize; index++) {
    await client.tasks.put({ category: taskCategory, id: taskId(index), state: { ...readState, data } });
  }
}
