/** Which JSON Schema keywords can take the extras of a wire property, and in which form. */
import { type ExactJson, ExactNumber } from './exact-json.ts';
import { readPrinted } from './printed-json.ts';
import { typedExtra } from './typed-extra.ts';

/** What a keyword takes. A keyword that is not in the table is an annotation and takes any typed extra. */
type Form = 'text' | 'flag' | 'count' | 'number' | 'positive' | 'structure' | 'nothing';

const keywordsByForm: Readonly<Record<Form, readonly string[]>> = {
  text: ['$comment', 'contentEncoding', 'contentMediaType', 'description', 'format', 'pattern', 'title'],
  flag: ['deprecated', 'nullable', 'readOnly', 'uniqueItems', 'writeOnly'],
  count: [
    'maxContains',
    'maxItems',
    'maxLength',
    'maxProperties',
    'minContains',
    'minItems',
    'minLength',
    'minProperties',
  ],
  number: ['exclusiveMaximum', 'exclusiveMinimum', 'maximum', 'minimum'],
  positive: ['multipleOf'],
  structure: [
    'additionalItems',
    'additionalProperties',
    'allOf',
    'anyOf',
    'contains',
    'contentSchema',
    'dependencies',
    'dependentRequired',
    'dependentSchemas',
    'else',
    'enum',
    'examples',
    'if',
    'items',
    'not',
    'oneOf',
    'patternProperties',
    'prefixItems',
    'properties',
    'propertyNames',
    'required',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
  ],
  // Beside `type`, these name or refer to other schemas, which an extra has never meant.
  nothing: [
    '$anchor',
    '$defs',
    '$dynamicAnchor',
    '$dynamicRef',
    '$id',
    '$recursiveAnchor',
    '$recursiveRef',
    '$ref',
    '$schema',
    '$vocabulary',
    'definitions',
    'id',
    'type',
  ],
};

const forms = new Map(
  Object.entries(keywordsByForm).flatMap(([form, names]) => names.map((name) => [name, form as Form])),
);

/** The extra as the value of the keyword of its name; undefined when that keyword cannot take it. */
export function keywordValue(name: string, text: string): ExactJson | undefined {
  const form = forms.get(name);
  if (form === 'text') return text;
  if (form === 'structure') return structure(text);
  const value = typedExtra(text);
  if (form === undefined) return value;
  if (form === 'flag') return typeof value === 'boolean' ? value : undefined;
  return value instanceof ExactNumber && fits(value, form) ? value : undefined;
}

function fits({ text }: ExactNumber, form: Form): boolean {
  const value = Number(text);
  if (form === 'count') return Number.isInteger(value) && value >= 0;
  if (form === 'positive') return value > 0;
  return form === 'number' && Number.isFinite(value);
}

/** A list or an object that is shown to clients as just this text. */
function structure(text: string): ExactJson | undefined {
  const value = readPrinted(text);
  return Array.isArray(value) || value instanceof Map ? value : undefined;
}
