/** Messages of the schemas queue: JSON bodies as their publishers write them, and the wire contract's messages. */
import type { SchemaMessageResponse } from '@connections/proto-utils/wire/messaging';
import { SchemasTasks } from '@connections/proto-utils/wire/schemas';
import { type JsonSchema, type Properties, PropertyType } from '@connections/proto-utils/wire/utils';
import type { Message } from '../../port/broker.ts';
import {
  asText,
  booleanField,
  type Json,
  objectField,
  readJson,
  textField,
  textListField,
  textMapField,
} from './json-body.ts';

const tasks = new Map<string, SchemasTasks>([
  ['upload_schema', SchemasTasks.UPLOAD_SCHEMA],
  ['remove_schema', SchemasTasks.REMOVE_SCHEMA],
]);

const types = new Map<unknown, PropertyType>([
  ['string', PropertyType.STRING],
  ['integer', PropertyType.INTEGER],
  ['number', PropertyType.NUMBER],
  ['boolean', PropertyType.BOOLEAN],
]);

/** Throws when the body is not such a message. */
export function schemaMessage({ id, body }: Message): SchemaMessageResponse {
  const json = readJson(body);
  const schema = objectField(json, 'schema');
  return {
    id: textField(json, 'id') || id,
    schema: schema && jsonSchema(schema),
    importName: textField(json, 'import_name'),
    raw: booleanField(json, 'raw'),
    // Publishers say `tasks`; `task`, as in the other queue, is understood too.
    task: tasks.get(textField(json, 'tasks') || textField(json, 'task')) ?? SchemasTasks.UNKNOWN,
    date: textField(json, 'date'),
    extra: textMapField(json, 'extra'),
  };
}

function jsonSchema(schema: Json): JsonSchema {
  const properties = objectField(schema, 'properties') ?? {};
  return {
    // Publishers that keep JSON Schema's own name for it write `$schema`.
    schema: textField(schema, 'schema') || textField(schema, '$schema'),
    type: textField(schema, 'type'),
    required: textListField(schema, 'required'),
    properties: new Map(Object.keys(properties).map((name) => [name, property(properties, name)])),
  };
}

/** Extras stand beside the type, or under `extra`. A property of no wire type is text with its JSON as an extra. */
function property(properties: Json, name: string): Properties {
  const value = objectField(properties, name) ?? {};
  const type = types.get(value.type);
  if (type === undefined) {
    return { type: PropertyType.STRING, extra: new Map([['json_schema', asText(properties[name])]]) };
  }
  const { type: _, extra: nested, ...beside } = value;
  const extra = textMapField(value, 'extra');
  for (const [key, item] of Object.entries(beside)) extra.set(key, asText(item));
  return { type, extra };
}
