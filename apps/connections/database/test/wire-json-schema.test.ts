/** The wire's schemas as JSON Schema documents: what a client stored comes back, and validators can use it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import {
  fromSchemaDocument,
  toSchemaDocument,
  type WireJsonSchema,
  type WireProperty,
  wirePropertyTypes,
} from '../src/domain/wire-json-schema.ts';

const draft07 = 'http://json-schema.org/draft-07/schema#';

function property(type: WireProperty['type'], extra: Readonly<Record<string, string>> = {}): WireProperty {
  return { type, extra: new Map(Object.entries(extra)) };
}

function wire(
  properties: readonly [string, WireProperty][],
  rest: Partial<WireJsonSchema> = {},
): WireJsonSchema {
  return { schema: draft07, type: 'object', required: [], properties: new Map(properties), ...rest };
}

function documentOf(schema: WireJsonSchema) {
  return JSON.parse(toSchemaDocument(schema));
}

describe('the document of a wire schema', () => {
  it('has its extras as typed keywords', () => {
    const schema = wire([
      ['age', property('integer', { minimum: '18', maximum: '99.5', note: 'x', key: 'true' })],
    ]);
    assert.deepEqual(documentOf(schema), {
      $schema: draft07,
      type: 'object',
      required: [],
      properties: { age: { type: 'integer', minimum: 18, maximum: 99.5, note: 'x', key: true } },
    });
  });

  it('keeps text that looks like a number as text where the keyword takes text', () => {
    const schema = wire([['year', property('string', { title: '2024', pattern: '5' })]]);
    assert.deepEqual(documentOf(schema).properties.year, { type: 'string', title: '2024', pattern: '5' });
  });

  it('sets aside what the keyword cannot take', () => {
    const schema = wire([
      ['a', property('string', { minLength: 'two', type: 'x', required: 'true', enum: 'a,b' })],
    ]);
    assert.deepEqual(documentOf(schema).properties.a, {
      type: 'string',
      'x-wire': { minLength: 'two', type: 'x', required: 'true', enum: 'a,b' },
    });
  });

  it('sets aside a dialect and a type that no validator knows', () => {
    const schema = wire([], { schema: 'ours', type: 'table', required: ['a', 'a'] });
    assert.deepEqual(documentOf(schema), {
      required: ['a'],
      properties: {},
      'x-wire': { schema: 'ours', type: 'table', required: ['a', 'a'] },
    });
  });

  it('keeps names that mean something elsewhere', () => {
    const names = ['__proto__', 'constructor', 'a.b', '$x', '', '10', '9'];
    const text = toSchemaDocument(wire(names.map((name) => [name, property('number')])));
    assert.deepEqual([...fromSchemaDocument(text).properties.keys()], names);
    assert.ok(text.includes('"__proto__":{"type":"number"}'));
  });
});

describe('a document of v1 on the wire', () => {
  const shown = (properties: object, rest: object = {}) =>
    fromSchemaDocument(JSON.stringify({ type: 'object', properties, ...rest }));

  it('has a property of another type as its JSON text', () => {
    const tags = { type: 'array', items: { type: 'string' } };
    const { properties } = shown({ tags, any: true, either: { type: ['string', 'null'] } });
    assert.deepEqual(properties.get('tags'), property('string', { json_schema: JSON.stringify(tags) }));
    assert.deepEqual(properties.get('any'), property('string', { json_schema: 'true' }));
    assert.deepEqual(
      properties.get('either'),
      property('string', { json_schema: '{"type":["string","null"]}' }),
    );
  });

  it('has keywords that hold lists or objects as JSON text', () => {
    const { properties } = shown({ size: { type: 'string', enum: ['s', 'm'], default: null } });
    assert.deepEqual(properties.get('size'), property('string', { enum: '["s","m"]', default: 'null' }));
  });

  it('goes back unchanged when a wire client registers what it found', () => {
    const document = {
      $schema: draft07,
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'integer', minimum: 1 },
        size: { type: 'string', enum: ['s', 'm'], pattern: '^[sm]$' },
        tags: { type: 'array', items: { type: 'string' } },
        any: true,
      },
    };
    assert.deepEqual(documentOf(fromSchemaDocument(JSON.stringify(document))), document);
  });

  it('is never made of an extra called json_schema with any other text', () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    for (const text of ['5', '"x"', '[]', '{"type":"string"}', '{ "type": "array" }', deep]) {
      const schema = wire([['a', property('string', { json_schema: text, enum: text })]]);
      assert.equal(documentOf(schema).properties.a.type, 'string', text);
      assert.deepEqual(fromSchemaDocument(toSchemaDocument(schema)), schema);
    }
  });

  for (const document of [
    'true',
    'false',
    '{}',
    '{"properties":7,"required":"a","type":["object","null"]}',
    '{"required":[1,"a",null],"properties":{"a":null,"b":[],"c":{"x-wire":5,"type":"string"}}}',
    '{"x-wire":[],"properties":{"a":{"type":"string","x-wire":{"n":1}}}}',
  ]) {
    it(`never fails: ${document}`, () => {
      const schema = fromSchemaDocument(document);
      assert.ok(schema.required.every((name) => typeof name === 'string'));
      for (const { extra } of schema.properties.values()) {
        for (const text of extra.values()) assert.equal(typeof text, 'string');
      }
    });
  }
});

const texts = fc.oneof(
  fc.constantFrom(
    'true',
    'false',
    '5',
    '-5',
    '1.0',
    '0.10',
    '9007199254740993',
    '[1, 2]',
    '{"a":1}',
    '["a"]',
    'null',
  ),
  fc.integer().map(String),
  fc.string({ unit: 'grapheme' }).filter((text) => !/^-?0\d/.test(text)),
);
const names = fc.oneof(
  fc.constantFrom(
    'minLength',
    'multipleOf',
    'enum',
    'type',
    '$ref',
    'title',
    'x-wire',
    'json_schema',
    '__proto__',
  ),
  fc.string(),
);
const plain = { noNullPrototype: true } as const;
const schemas = fc.record(
  {
    schema: fc.oneof(
      fc.constantFrom('', draft07, 'https://json-schema.org/draft/2020-12/schema'),
      fc.string(),
    ),
    type: fc.oneof(fc.constantFrom('', 'object'), fc.string()),
    required: fc.array(fc.string(), { maxLength: 4 }),
    properties: fc
      .array(
        fc.tuple(
          names,
          fc.record(
            {
              type: fc.constantFrom(...wirePropertyTypes),
              extra: fc.array(fc.tuple(names, texts), { maxLength: 4 }).map((pairs) => new Map(pairs)),
            },
            plain,
          ),
        ),
        { maxLength: 4 },
      )
      .map((pairs) => new Map(pairs)),
  },
  plain,
);

it('whatever a client stores comes back as it was', () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      assert.deepEqual(fromSchemaDocument(toSchemaDocument(schema)), schema);
    }),
    { numRuns: 3_000 },
  );
});

it('whatever a client stores without JSON text of its own is a schema that a validator accepts', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const structures = ['enum', 'json_schema', 'pattern'];
  fc.assert(
    fc.property(schemas, (schema) => {
      for (const { extra } of schema.properties.values()) for (const name of structures) extra.delete(name);
      const { $schema: _, ...document } = JSON.parse(toSchemaDocument(schema));
      assert.equal(ajv.validateSchema(document), true, ajv.errorsText());
    }),
    { numRuns: 1_000 },
  );
});
