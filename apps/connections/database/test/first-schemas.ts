/** What the first implementation does to its collection of schemas, field by field. */
import { PropertyType } from '@connections/proto-utils/wire/utils';
import type { Collection, Document } from 'mongodb';

export const dialect = 'http://json-schema.org/draft-07/schema#';

/** As it stores a schema: typed extras beside the type. */
export function typedSchema(minimum: number): Document {
  return {
    schema: dialect,
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'integer', minimum }, name: { type: 'string', maxLength: 10, unique: true } },
  };
}

/** As its update stored one: extras as text, in a document of their own. */
export function nestedSchema(minimum: number): Document {
  return {
    ...typedSchema(minimum),
    properties: {
      id: { type: 'integer', extra: { minimum: String(minimum) } },
      name: { type: 'string', extra: { maxLength: '10', unique: 'true' } },
    },
  };
}

/** What clients of the wire contract see of such a schema, in either layout. */
export const onTheWire = (minimum: number) => ({
  schema: dialect,
  type: 'object',
  required: ['id'],
  properties: new Map([
    ['id', { type: PropertyType.INTEGER, extra: new Map([['minimum', `${minimum}`]]) }],
    [
      'name',
      {
        type: PropertyType.STRING,
        extra: new Map([
          ['maxLength', '10'],
          ['unique', 'true'],
        ]),
      },
    ],
  ]),
});

/** One that it has written three times. */
export const people = {
  import_name: 'people',
  created_at: 'day 3',
  active_schema: typedSchema(3),
  schemas_releases: [
    { schema: typedSchema(1), created_at: 'day 1' },
    { schema: typedSchema(2), created_at: 'day 2' },
  ],
};

export function firstSchemas(schemas: Collection<Document>) {
  const find = (name: string) => schemas.findOne({ import_name: name });
  return {
    find,
    /** Without what only we put there. */
    shown: (name: string) => schemas.findOne({ import_name: name }, { projection: { cs: 0 } }),
    count: () => schemas.countDocuments({}),
    names: async () => (await schemas.find({}).toArray()).map((found) => found.import_name).toSorted(),
    matching: (pattern: string) => schemas.find({ import_name: { $regex: pattern } }).toArray(),

    async write(name: string, schema: Document, createdAt: string): Promise<void> {
      const found = await find(name);
      if (!found) {
        const empty = { created_at: createdAt, active_schema: schema, schemas_releases: [] };
        await schemas.insertOne({ import_name: name, ...empty });
        return;
      }
      const release = { schema: found.active_schema, created_at: found.created_at };
      const releases = [...(found.schemas_releases ?? []), release];
      const change = { active_schema: schema, created_at: createdAt, schemas_releases: releases };
      await schemas.updateOne({ import_name: name }, { $set: change });
    },

    async removeActive(name: string): Promise<void> {
      const found = await find(name);
      const newest = found?.schemas_releases?.at(-1);
      if (!newest) {
        await schemas.deleteOne({ import_name: name });
        return;
      }
      const change = {
        active_schema: newest.schema,
        created_at: newest.created_at,
        schemas_releases: found?.schemas_releases.slice(0, -1),
      };
      await schemas.updateOne({ import_name: name }, { $set: change });
    },
  };
}
