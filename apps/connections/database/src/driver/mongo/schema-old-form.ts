/** A schema as the first implementation stores it: the form in which it finds what we wrote. */
import { Double, Long } from 'mongodb';
import { ExactNumber } from '../../domain/exact-json.ts';
import { typedExtra } from '../../domain/typed-extra.ts';
import { fromSchemaDocument, type WireProperty } from '../../domain/wire-json-schema.ts';

type OldValue = string | boolean | number | Long | Double;

/** Maps, since callers name the members: the driver stores one as a document, in its order. */
export interface OldSchema {
  readonly schema: string;
  readonly type: string;
  readonly required: readonly string[];
  readonly properties: ReadonlyMap<string, ReadonlyMap<string, OldValue>>;
}

/** Of the text of a document. What BSON cannot name is left out: the text itself is kept beside this. */
export function toOldForm(document: string): OldSchema {
  const { schema, type, required, properties } = fromSchemaDocument(document);
  const storable = [...properties].filter(([name]) => canName(name));
  return {
    schema,
    type,
    required,
    properties: new Map(storable.map(([name, property]) => [name, oldProperty(property)])),
  };
}

function oldProperty({ type, extra }: WireProperty): ReadonlyMap<string, OldValue> {
  const storable = [...extra].filter(([name]) => name !== 'type' && canName(name));
  return new Map<string, OldValue>([
    ['type', type],
    ...storable.map(([name, text]): [string, OldValue] => [name, oldValue(text)]),
  ]);
}

/** The server takes these names for parts of a reference to another document. */
const reserved = new Set(['$ref', '$id', '$db']);

function canName(name: string): boolean {
  return !reserved.has(name) && !name.includes('\0');
}

const longest = 2n ** 63n;

function oldValue(text: string): OldValue {
  const value = typedExtra(text);
  if (!(value instanceof ExactNumber)) return value;
  if (!/^-?\d+$/.test(value.text)) return new Double(Number(value.text));
  const whole = BigInt(value.text);
  if (whole >= -longest && whole < longest) return Long.fromBigInt(whole);
  return new Double(Number(value.text));
}
