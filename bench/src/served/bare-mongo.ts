/** What the task and schema ports do on MongoDB, sent by the vendor's driver alone. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { patchPipeline } from '@connections/database/drivers/task-pipeline';
import { type Collection, type CollectionOptions, type Document, MongoClient } from 'mongodb';
import { ringSize, schemaName, taskCategory, taskId } from './storage-ops.ts';
import { togetherCount } from './store-ops.ts';

/** As our driver has them. */
const poolSize = 32;
const collectionOptions: CollectionOptions = {
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
};
const projection = { 'cs.history': 0 };
/** Of each collection of tasks, `_id` not counted. */
const taskIndexes = 11;

export interface BareMongo {
  patch(index: number): Promise<unknown>;
  /** One bulk write of so many tasks and one read of them. */
  patchTogether(index: number): Promise<unknown>;
  /** The first page of the tasks of a category, the newest first. */
  list(limit: number): Promise<unknown>;
  findSchema(): Promise<unknown>;
  /** Our driver builds its indexes in the background, the last collection's last. */
  indexesBuilt(): Promise<void>;
}

export async function openBareMongo(url: string): Promise<BareMongo> {
  const client = await MongoClient.connect(url, { maxPoolSize: poolSize });
  const database = client.db();
  const [tasks, spaces, schemas] = ['tasks', 'tasks_namespaces', 'schemas'].map((name) =>
    database.collection<Document>(name, collectionOptions),
  ) as [Collection<Document>, Collection<Document>, Collection<Document>];
  return {
    patch: (index) =>
      tasks.findOneAndUpdate(filterOf(index), pipelineOf(index), {
        returnDocument: 'after',
        projection,
        sort: { _id: 1 },
      }),
    async patchTogether(index) {
      const numbers = Array.from({ length: togetherCount }, (_, at) => index + at);
      await tasks.bulkWrite(
        numbers.map((at) => ({ updateOne: { filter: filterOf(at), update: pipelineOf(at) } })),
        { ordered: false },
      );
      const ids = numbers.map((at) => taskId(at % ringSize));
      const found = await tasks
        .find({ task: taskCategory, task_id: { $in: ids } }, { projection, batchSize: ids.length })
        .toArray();
      if (found.length !== togetherCount) throw new Error(`${found.length} tasks were found`);
    },
    async list(limit) {
      const filter = { task: taskCategory, task_id: { $exists: true }, 'cs.at': { $gte: new Date(0) } };
      const projection = { 'cs.history': 0, 'cs.ring': 0, 'cs.calls': 0 };
      const sort = { 'cs.at': -1, _id: -1 } as const;
      const found = await tasks.find(filter, { projection, sort, limit: limit + 1 }).toArray();
      if (found.length <= limit) throw new Error(`${found.length} tasks were found`);
    },
    findSchema: () => schemas.findOne({ import_name: schemaName }, { sort: { _id: 1 } }),
    indexesBuilt: () => indexesBuilt(spaces),
  };
}

async function indexesBuilt(collection: Collection): Promise<void> {
  while ((await collection.listIndexes().toArray()).length <= taskIndexes) await delay(50);
}

/** Until then our driver sends each write for itself. */
export async function taskIndexesBuilt(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  try {
    await indexesBuilt(client.db().collection('tasks_namespaces'));
  } finally {
    await client.close();
  }
}

/** As our driver asks: with `$eq` SecantusDB reads all. */
function filterOf(index: number): Document {
  return { task: taskCategory, task_id: taskId(index % ringSize) };
}

function pipelineOf(index: number): Document[] {
  const commit = {
    ref: { namespace: 'default', category: taskCategory, id: taskId(index % ringSize) },
    call: randomUUID(),
    requestId: undefined,
    principal: 'bench',
    deadline: Date.now() + 60_000,
  };
  const data = { replace: false, remove: [], set: new Map([['step', String(index)]]) };
  return patchPipeline(commit, { code: index % 1_000, data }, undefined);
}
