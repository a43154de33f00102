/** Puts tasks into the ledger without a service: copies of a document that our driver has made, each with its own identity. */
import { openPorts } from '@connections/database/drivers';
import { systemClock } from '@connections/runtime';
import { MongoClient, ObjectId } from 'mongodb';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { taskIndexesBuilt } from './bare-mongo.ts';
import type { LedgerFilled } from './dual-ops.ts';
import { taskCategory, taskId } from './storage-ops.ts';

interface TaskRef {
  readonly namespace: string;
  readonly category: string;
  readonly id: string;
}

export interface LedgerFill {
  readonly tasks: number;
  readonly withinMs: number;
}

const chunk = 1_000;
const updates = 5;
const { signal } = new AbortController();
const putting = { requestId: undefined, principal: 'bench', allowBuffered: false, ifAbsent: false };
const state = { status: 'pending', code: 202, message: '', data: new Map([['step', '0']]) };

/** As many as `tasks`, as far as that is done in time. */
export async function fillLedger(
  url: string,
  refOf: (id: string) => TaskRef,
  { tasks, withinMs }: LedgerFill,
): Promise<LedgerFilled> {
  const begin = performance.now();
  await using opened = await openPorts(
    { cache: 'embedded:', schemas: url, tasks: url },
    {
      folder: temporaryFolder(),
      sync: 'second',
      maxBytes: 2 ** 30,
      clock: systemClock,
      taskTtlMs: () => 60_000,
      taskWaitMs: 1_000,
      mongo: { database: 'bench', schemasCollection: 'schemas', tasksCollection: 'tasks' },
    },
  );
  await opened.ports.tasks.put(refOf('template'), state, putting, signal);
  const client = await MongoClient.connect(url);
  try {
    const collection = client.db().collection('tasks');
    await taskIndexesBuilt(url);
    const { _id, ...template } = (await collection.findOne({ task_id: 'template' })) ?? {};
    let filled = 0;
    while (filled < tasks && performance.now() - begin < withinMs) {
      const documents = Array.from({ length: Math.min(chunk, tasks - filled) }, (_, at) => ({
        ...template,
        _id: new ObjectId(),
        task_id: taskId(filled + at),
      }));
      await collection.insertMany(documents, { ordered: false });
      filled += documents.length;
    }
    const since = performance.now();
    for (let at = 0; at < updates; at++) {
      const filter = { task: taskCategory, task_id: taskId(at) };
      await collection.findOneAndUpdate(filter, [{ $set: { code: at } }]);
    }
    return { tasks: filled, updateMs: (performance.now() - since) / updates };
  } finally {
    await client.close();
  }
}
