/** Schemas for tests of the wire contract to store. */
import { PropertyType } from '@connections/proto-utils/wire/utils';
import type { WireClient } from './wire-database.ts';

type Schema = NonNullable<Parameters<WireClient['mongoInsertOneSchema']>[0]['activeSchema']>;

/** A schema with one property of this name and these extras. */
export function schemaOf(
  name: string,
  extra: Readonly<Record<string, string>> = {},
  type: PropertyType = PropertyType.STRING,
): Schema {
  return {
    schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: [name],
    properties: new Map([[name, { type, extra: new Map(Object.entries(extra)) }]]),
  };
}

export function insert(
  client: WireClient,
  importName: string,
  activeSchema: Schema,
  createdAt = 'day 1',
): ReturnType<WireClient['mongoInsertOneSchema']> {
  return client.mongoInsertOneSchema({ importName, createdAt, activeSchema });
}
