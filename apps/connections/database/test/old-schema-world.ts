/** The collection of the first implementation, with documents in it that it wrote, and our port on it. */
import type { TestContext } from 'node:test';
import type { TestServer } from '@connections/testing';
import { type Document, ObjectId } from 'mongodb';
import { firstSchemas } from './first-schemas.ts';
import { openDatabase } from './mongo-ports.ts';
import { openSchemas } from './mongo-schema-ports.ts';

const { signal } = new AbortController();
const ref = (name: string) => ({ namespace: 'default', name });

export async function openOldSchemas(
  context: TestContext,
  server: () => Promise<TestServer>,
  documents: readonly Document[],
) {
  const database = await openDatabase(await server());
  context.after(() => database[Symbol.asyncDispose]());
  const collection = database.db.collection('schemas');
  const seeds = documents.map((document) => ({ _id: new ObjectId(), ...document }));
  if (seeds.length > 0) await collection.insertMany(seeds);
  const { schemas, link } = await openSchemas(database.url);
  context.after(() => link[Symbol.asyncDispose]());
  const versionsOf = async (name: string) =>
    (await schemas.versions(ref(name), { after: 0, limit: 1_000 }, signal))?.versions ?? [];
  /** Number and stated time of each version. */
  const times = async (name: string) =>
    (await versionsOf(name)).map(({ version, statedAt }) => [version, statedAt]);
  const contents = async (name: string) =>
    (await versionsOf(name)).map(({ document }) => JSON.parse(document).properties.id.minimum);
  return { collection, schemas, link, first: firstSchemas(collection), versionsOf, times, contents };
}
