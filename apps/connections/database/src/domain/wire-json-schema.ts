/**
 * The schema of the wire contract as a JSON Schema document, and back.
 *
 * An extra of a property is a keyword beside its `type`. What a client may send but no validator can use there (a
 * `$schema` that names no dialect, `minLength` with text, an extra called `type`) stands under `x-wire` in the same
 * place, so that the document is a usable JSON Schema and the client gets back what it sent.
 */
import { type ExactJson, type ExactObject, parseExact, printExact } from './exact-json.ts';
import { readPrinted } from './printed-json.ts';
import { extraText } from './typed-extra.ts';
import { keywordValue } from './wire-keywords.ts';

export const wirePropertyTypes = ['string', 'integer', 'number', 'boolean'] as const;
export type WirePropertyType = (typeof wirePropertyTypes)[number];

export interface WireProperty {
  readonly type: WirePropertyType;
  readonly extra: ReadonlyMap<string, string>;
}

export interface WireJsonSchema {
  readonly schema: string;
  readonly type: string;
  readonly required: readonly string[];
  readonly properties: ReadonlyMap<string, WireProperty>;
}

const aside = 'x-wire';
/** The extra that holds a property which no wire type expresses, as JSON text. */
const wholeProperty = 'json_schema';
const dialect = /^https?:\/\/json-schema\.org\/(draft-07|draft\/2019-09|draft\/2020-12)\/schema#?$/;
const types = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

export function toSchemaDocument(wire: WireJsonSchema): string {
  const document = new Map<string, ExactJson>();
  const kept = new Map<string, ExactJson>();
  if (dialect.test(wire.schema)) document.set('$schema', wire.schema);
  else if (wire.schema !== '') kept.set('schema', wire.schema);
  if (types.includes(wire.type)) document.set('type', wire.type);
  else if (wire.type !== '') kept.set('type', wire.type);
  const required = [...new Set(wire.required)];
  document.set('required', required);
  if (required.length < wire.required.length) kept.set('required', wire.required);
  document.set(
    'properties',
    new Map([...wire.properties].map(([name, property]) => [name, toProperty(property)])),
  );
  if (kept.size > 0) document.set(aside, kept);
  return printExact(document);
}

export function fromSchemaDocument(text: string): WireJsonSchema {
  const document = objectOf(parseExact(text));
  const kept = objectOf(document.get(aside));
  const shown = (name: string, keyword: string) => extraText(kept.get(name) ?? document.get(keyword) ?? '');
  const required = kept.get('required') ?? document.get('required');
  return {
    schema: shown('schema', '$schema'),
    type: shown('type', 'type'),
    required: Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [],
    properties: new Map(
      [...objectOf(document.get('properties'))].map(([name, property]) => [name, fromProperty(property)]),
    ),
  };
}

function toProperty({ type, extra }: WireProperty): ExactJson {
  const whole = extra.get(wholeProperty);
  if (type === 'string' && extra.size === 1 && whole !== undefined) {
    const property = propertyFromText(whole);
    if (property !== undefined) return property;
  }
  const property = new Map<string, ExactJson>([['type', type]]);
  const kept = new Map<string, ExactJson>();
  for (const [name, text] of extra) {
    const value = name === aside ? undefined : keywordValue(name, text);
    if (value === undefined) kept.set(name, text);
    else property.set(name, value);
  }
  if (kept.size > 0) property.set(aside, kept);
  return property;
}

function fromProperty(property: ExactJson): WireProperty {
  const keywords = objectOf(property);
  const type = wirePropertyTypes.find((name) => name === keywords.get('type'));
  if (!type) return { type: 'string', extra: new Map([[wholeProperty, printExact(property)]]) };
  const extra = new Map<string, string>();
  for (const [name, value] of keywords) {
    if (name === 'type') continue;
    if (name !== aside || !(value instanceof Map)) extra.set(name, extraText(value));
  }
  for (const [name, value] of objectOf(keywords.get(aside))) extra.set(name, extraText(value));
  return { type, extra };
}

/** The property that `fromProperty` shows as this text; undefined for text that it does not make of a schema. */
function propertyFromText(text: string): ExactJson | undefined {
  const property = readPrinted(text);
  if (typeof property !== 'boolean' && !(property instanceof Map)) return undefined;
  return fromProperty(property).extra.get(wholeProperty) === text ? property : undefined;
}

function objectOf(value: ExactJson | undefined): ExactObject {
  return value instanceof Map ? value : new Map();
}
