/** What lies in a collection, past every service: for tests that compare it with what a service says. */
import type { Document } from 'mongodb';

/** All of them. The URL names the database. */
export async function mongoDocuments(url: string, ...collections: readonly string[]): Promise<Document[]> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000, directConnection: true });
  try {
    const found: Document[] = [];
    for (const name of collections) found.push(...(await client.db().collection(name).find().toArray()));
    return found;
  } finally {
    await client.close();
  }
}
