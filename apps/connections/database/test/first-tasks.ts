/** What the first implementation does to its two stores for a task, field by field. */
import type { Collection, Document } from 'mongodb';
import type { RedisClientType } from 'redis';

export interface FirstState {
  readonly status: string;
  readonly code: number;
  readonly message: string;
  readonly data: Readonly<Record<string, string>>;
}

const lifeSeconds = 1_800;

export function firstTasks(
  redis: Pick<RedisClientType, 'hSet' | 'sAdd' | 'expire'>,
  tasks: Collection<Document>,
) {
  const find = (id: string, task = 'validation') => tasks.findOne({ task_id: id, task });
  return {
    find,
    /** Without what only the server and we put there. */
    shown: (id: string, task = 'validation') =>
      tasks.findOne({ task_id: id, task }, { projection: { _id: 0, cs: 0 } }),
    ofImportName: async (importName: string, task = 'validation'): Promise<string[]> =>
      (await tasks.find({ import_name: importName, task }).toArray())
        .map(({ task_id }) => task_id)
        .toSorted(),
    remove: (id: string, task = 'validation') => tasks.deleteOne({ task_id: id, task }),

    async set(id: string, state: FirstState, task = 'validation'): Promise<void> {
      const importName = state.data.import_name ?? 'default';
      const [hash, set] = [`${task}:task:${id}`, `${task}:import:${importName}:tasks`];
      const { status, code, message, data } = state;
      await redis.hSet(hash, { status, code, message, data: JSON.stringify(data) });
      await redis.expire(hash, lifeSeconds);
      await redis.sAdd(set, id);
      await redis.expire(set, lifeSeconds);
      const document = { task_id: id, task, import_name: importName, status, code, message, data };
      await tasks.replaceOne({ task_id: id, task }, document, { upsert: true });
    },

    /** The value as it came: a code is text from then on, and any other name stands beside the rest. */
    async update(id: string, field: string, value: string, task = 'validation'): Promise<void> {
      await redis.hSet(`${task}:task:${id}`, field, value);
      await tasks.updateOne({ task_id: id, task }, { $set: { [field]: value } });
    },
  };
}
