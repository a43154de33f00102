/** The wire's schema message as a JSON Schema document, and back. */
import { type JsonSchema, type Properties, PropertyType } from '@connections/proto-utils/wire/utils';
import { invalidField } from '@connections/runtime/errors';
import {
  fromSchemaDocument,
  toSchemaDocument,
  type WireProperty,
  type WirePropertyType,
} from '../../domain/wire-json-schema.ts';

const numbers: Readonly<Record<WirePropertyType, PropertyType>> = {
  string: PropertyType.STRING,
  integer: PropertyType.INTEGER,
  number: PropertyType.NUMBER,
  boolean: PropertyType.BOOLEAN,
};
const names = new Map(
  Object.entries(numbers).map(([name, number]) => [number, name as WirePropertyType] as const),
);

/** Throws INVALID_ARGUMENT for a message that is missing or has a property of an unknown type. */
export function documentOfMessage(field: string, message: JsonSchema | undefined): string {
  if (!message) throw invalidField(field, 'must be given');
  const properties = [...message.properties].map(([name, property]): [string, WireProperty] => {
    const type = names.get(property.type);
    if (!type) throw invalidField(`${field}.properties`, `has the unknown type ${property.type}`);
    return [name, { type, extra: property.extra }];
  });
  return toSchemaDocument({ ...message, properties: new Map(properties) });
}

export function messageOfDocument(document: string): JsonSchema {
  const { schema, type, required, properties } = fromSchemaDocument(document);
  const shown = [...properties].map(([name, property]): [string, Properties] => [
    name,
    { type: numbers[property.type], extra: new Map(property.extra) },
  ]);
  return { schema, type, required: [...required], properties: new Map(shown) };
}
