/** What a test server of MongoDB is asked beside the tests. */
import type { Db } from 'mongodb';

/** Resolves when the server takes writes, rejects while it does not; a replica set that is not made yet is made. */
export async function makeWritable(port: number, replicaSet?: string): Promise<void> {
  const host = `127.0.0.1:${port}`;
  await withDatabase(`mongodb://${host}/admin?directConnection=true`, async (admin) => {
    if ((await admin.command({ hello: 1 })).isWritablePrimary) return;
    if (replicaSet) {
      await admin.command({ replSetInitiate: { _id: replicaSet, members: [{ _id: 0, host }] } });
    }
    throw new Error(`the MongoDB server on port ${port} takes no writes yet`);
  });
}

/** The database that the URL names. */
export async function dropDatabase(url: string): Promise<void> {
  await withDatabase(url, (database) => database.dropDatabase());
}

const collections = [
  'schemas',
  'schemas_namespaces',
  'schemas_versions',
  'schemas_removals',
  'tasks',
  'tasks_namespaces',
  'tasks_conflicts',
];

/**
 * Makes the collections of a service in the database that the URL names, one after the other, for tests that do not wait for
 * its indexes: SecantusDB hangs, once in some ten runs on a busy machine, when a write and an index make one at once.
 */
export async function prepareMongo(url: string): Promise<void> {
  await withDatabase(url, async (database) => {
    for (const name of collections) await database.createCollection(name);
  });
}

async function withDatabase(url: string, use: (database: Db) => Promise<unknown>): Promise<void> {
  // Loaded only where a server is used: most tests have none, and the client takes its time to load.
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 });
  try {
    await use(client.db());
  } finally {
    await client.close();
  }
}
