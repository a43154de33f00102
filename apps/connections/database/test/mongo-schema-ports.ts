/** The schema port on MongoDB for the tests: links that are closed in the end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenPort, TestServer } from '@connections/testing';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { MongoSchemas } from '../src/driver/mongo/mongo-schemas.ts';
import type { Schemas } from '../src/port/schemas.ts';
import { openDatabase } from './mongo-ports.ts';

export interface OpenedSchemas extends AsyncDisposable {
  readonly link: MongoLink;
  readonly schemas: MongoSchemas;
}

/** Connected and, as far as they can be, indexed. */
export async function openSchemas(url: string): Promise<OpenedSchemas> {
  const link = new MongoLink({ url, database: 'unnamed' });
  const schemas = new MongoSchemas(link, 'schemas');
  await schemas.indexes.tried;
  return {
    link,
    schemas,
    async [Symbol.asyncDispose]() {
      await schemas[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

/** The schema port for the clauses; `as` may stand between them and the driver. */
export function openMongoSchemas(
  server: () => Promise<TestServer>,
  as: (schemas: Schemas) => Schemas = (schemas) => schemas,
): OpenPort<Schemas> {
  return async () => {
    const { url, db } = await openDatabase(await server(), 'schema_clauses');
    for (const ending of ['', '_namespaces', '_versions', '_removals']) {
      await db.collection(`schemas${ending}`).deleteMany({});
    }
    let opened = await openSchemas(url);
    return {
      port: as(opened.schemas),
      passTime: (ms) => delay(ms),
      async reopen() {
        await opened[Symbol.asyncDispose]();
        opened = await openSchemas(url);
        return as(opened.schemas);
      },
      async [Symbol.asyncDispose]() {
        await opened[Symbol.asyncDispose]();
        await db.client.close();
      },
    };
  };
}
