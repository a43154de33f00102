/** One Redis and one MongoDB with processes of the Database service on them that share all that they hold. */
import { limits } from '@connections/runtime';
import { prepareMongo, redisCommands, startMongo, startRedis, type TestServer } from '@connections/testing';
import { type Db, MongoClient } from 'mongodb';
import { type DatabaseProcess, oldVariables, startDatabaseProcess } from './database-process.ts';
import { forSuite } from './suite-resources.ts';

const database = 'shared';

export interface SharedStores {
  readonly processes: readonly DatabaseProcess[];
  /** As a client sees it that knows nothing of ours. */
  readonly mongo: Db;
  readonly redis: TestServer;
}

/** For the suite that it is called in. All processes start at once, on empty stores. */
export function sharedStores(count: number): () => SharedStores {
  return forSuite(async (keep) => {
    const redis = keep(await startRedis({ appendOnly: true }));
    const mongo = keep(await startMongo({ own: true }));
    const url = `mongodb://127.0.0.1:${mongo.port}/${database}`;
    await prepareMongo(url);
    const client = await MongoClient.connect(url);
    keep({ [Symbol.asyncDispose]: () => client.close() });
    const env = {
      ...oldVariables(redis, mongo, database),
      MAX_VALUE_BYTES: String(limits.valueBytesCeiling),
      // The test server makes some 60 updates a second: a clause of many writers at once is not a ledger that is away.
      DATABASE_TASKS_WAIT_MS: '4000',
    };
    const starts = Array.from({ length: count }, async () => keep(await startDatabaseProcess(env)));
    return { redis, mongo: client.db(), processes: await Promise.all(starts) };
  });
}

/** Leaves nothing in the collections whose names start so. */
export async function emptyCollections(mongo: Db, prefix: string): Promise<void> {
  for (const { name } of await mongo.listCollections({}, { nameOnly: true }).toArray()) {
    if (name.startsWith(prefix)) await mongo.collection(name).deleteMany({});
  }
}

/** What is ours, other namespaces among it, stays. */
const clearStrangers =
  "for _, k in ipairs(redis.call('KEYS', '*')) do if k:sub(1, 3) ~= 'cs:' then redis.call('DEL', k) end end";

export function emptyDefaultCache({ redis }: SharedStores): Promise<string> {
  return redisCommands(redis.url, ['EVAL', clearStrangers, '0']);
}
