/** Tests which documents are taken as JSON Schemas. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStatusError } from '@connections/grpc/status';
import { limits } from '@connections/runtime';
import { RequestCheck } from '@connections/runtime/errors';
import { checkSchemaDocument } from '../src/service/schema-document.ts';

const signal = new AbortController().signal;

/** What is wrong with a document, one line for each thing. */
async function problemsOf(document: unknown): Promise<string[]> {
  const check = new RequestCheck();
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  await checkSchemaDocument(check, text, signal);
  try {
    check.done();
    return [];
  } catch (error) {
    assert.ok(isStatusError(error) && error.status === 'INVALID_ARGUMENT');
    const details = error.details.find((detail) => detail.kind === 'BadRequest');
    assert.ok(details);
    return details.violations.map(({ field, description }) => `${field} ${description}`);
  }
}

async function refused(document: unknown, expected: RegExp): Promise<void> {
  const [problem] = await problemsOf(document);
  assert.match(problem ?? 'taken', expected);
}

async function taken(document: unknown): Promise<void> {
  assert.deepEqual(await problemsOf(document), []);
}

const dialects = [
  'http://json-schema.org/draft-07/schema#',
  'http://json-schema.org/draft-07/schema',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
];

describe('a document', () => {
  it('may be an object or a boolean', async () => {
    await taken({});
    await taken(true);
    await taken(false);
  });

  it('is refused when it is other JSON, or none', async () => {
    for (const text of ['', '{', '{"type":"object",}', "{'a':1}", 'undefined'])
      await refused(text, /is not JSON/);
    for (const text of ['null', '1', '"object"', '[]', '[{}]']) {
      await refused(text, /^document #: must be object,boolean/);
    }
  });

  it('may be as large as the limit and no larger, in bytes', async () => {
    const frame = JSON.stringify({ title: '' }).length;
    await taken({ title: 'x'.repeat(limits.schemaBytes - frame) });
    await refused({ title: 'x'.repeat(limits.schemaBytes - frame + 1) }, /^document is 262145 bytes long/);
    await refused({ title: 'é'.repeat(limits.schemaBytes / 2) }, /bytes long/);
  });

  it('may nest as deep as the limit and no deeper', async () => {
    const nested = (depth: number) => `${'{"not":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
    await taken(nested(limits.schemaDepth));
    await refused(nested(limits.schemaDepth + 1), /nests 33 levels deep/);
    await refused('['.repeat(200_000), /nests 200000 levels deep/);
    await taken({ description: '[[[['.repeat(100), title: '\\"{{{{'.repeat(20) });
  });
});

describe('the dialect', () => {
  for (const $schema of dialects) {
    it(`${$schema} is taken, and its meta-schema is asked`, async () => {
      await taken({ $schema, type: 'object', properties: { a: { type: ['string', 'null'] } } });
      await refused(
        { $schema, properties: { a: { type: 'strin' } } },
        /^document #\/properties\/a\/type: must be/,
      );
      await refused({ $schema, required: 'a' }, /^document #\/required: must be array/);
      await refused({ $schema, minLength: -1 }, /^document #\/minLength: /);
    });
  }

  it('is 2020-12 when the document names none', async () => {
    await taken({ prefixItems: [{ type: 'string' }] });
    await refused({ prefixItems: [] }, /#\/prefixItems: must NOT have fewer than 1 items/);
  });

  it('is refused when it is unknown', async () => {
    for (const $schema of ['http://json-schema.org/draft-04/schema#', 'https://example.com/mine', '', 7]) {
      await refused({ $schema }, /^document #\/\$schema: is none of draft-07, 2019-09, 2020-12/);
    }
  });
});

describe('patterns', () => {
  it('are taken when an engine of linear time takes them, catastrophic ones for others included', async () => {
    for (const pattern of [
      '^(a+)+$',
      '^[\\w.-]+@[a-z]+\\.[a-z]{2,}$',
      '\\p{L}',
      '\\u0041',
      '(?<year>\\d{4})',
      '',
    ]) {
      await taken({ pattern });
      await taken({ patternProperties: { [pattern]: true } });
    }
  });

  it('are refused elsewhere, with their JSON pointer', async () => {
    for (const pattern of ['(?=a)b', '(?<!a)b', '(a)\\1', '(?<n>a)\\k<n>', '[a', 'a{1001}', '(']) {
      await refused({ pattern }, /^document #\/pattern: the pattern is outside the RE2 dialect/);
    }
    await refused({ properties: { 'a/b': { pattern: '(?=a)' } } }, /#\/properties\/a~1b\/pattern: /);
    await refused({ patternProperties: { '(?!x)': {} } }, /#\/patternProperties\/\(\?!x\): /);
    await refused({ 'x-shared': { anyOf: [{ pattern: '(?=a)' }] } }, /#\/x-shared\/anyOf\/0\/pattern: /);
  });

  it('are patterns only where a schema stands', async () => {
    await taken({ properties: { pattern: { type: 'string' }, enum: { type: 'string' } } });
    await taken({
      const: { pattern: '(?=a)' },
      default: { pattern: '(' },
      examples: [{ $ref: 'x' }],
      enum: [{ pattern: '[' }],
    });
  });

  it('are refused beyond their limit, before they are compiled', async () => {
    await refused({ pattern: 'a'.repeat(limits.schemaPatternBytes + 1) }, /the pattern is 2049 bytes long/);
  });

  it('give way to other calls while there are many of them, and stop when the call does', async () => {
    const anyOf = Array.from({ length: 4_000 }, (_, index) => ({ pattern: `^[\\p{L}]{900}x${index}$` }));
    const stop = new AbortController();
    const checking = checkSchemaDocument(new RequestCheck(), JSON.stringify({ anyOf }), stop.signal);
    setImmediate(() => stop.abort(new Error('gone')));
    await assert.rejects(checking, /gone/);
  });
});

describe('references', () => {
  it('may lead to any schema of the document', async () => {
    await taken({ $ref: '#' });
    await taken({ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } });
    await taken({ $ref: '#/%24defs/%C3%A9', $defs: { é: true } });
    await taken({ $ref: '#here', $defs: { a: { $anchor: 'here' } } });
    await taken({ $dynamicRef: '#node', $defs: { a: { $dynamicAnchor: 'node' } } });
    await taken({ $schema: dialects[0], $ref: '#/definitions/a', definitions: { a: {} } });
    await taken({ $schema: dialects[0], allOf: [{ $ref: '#old' }], definitions: { a: { $id: '#old' } } });
    await taken({ $schema: dialects[2], properties: { child: { $recursiveRef: '#' } } });
    await taken({ $id: 'https://example.com/root', $ref: 'item', $defs: { item: { $id: 'item' } } });
    await taken({
      $id: 'https://example.com/root',
      $ref: 'https://example.com/root#/$defs/a',
      $defs: { a: {} },
    });
    await taken({ $id: 'urn:example:root', $ref: '#/$defs/a', $defs: { a: {} } });
  });

  it('are refused when they lead out of the document', async () => {
    for (const $ref of [
      'https://example.com/a.json',
      'other.json',
      '//host/a',
      'file:///etc/passwd',
      dialects[3],
    ]) {
      await refused(
        { properties: { a: { $ref } } },
        /^document #\/properties\/a\/\$ref: leads out of the document/,
      );
    }
  });

  it('are refused when they lead to nothing, or to what is no schema', async () => {
    for (const $ref of ['#/$defs/b', '#nowhere', '#/$defs/__proto__', '#/$defs/%', '#/title', '#/toString']) {
      await refused({ $ref, title: 'text', $defs: { a: {} } }, /^document #\/\$ref: leads to nothing/);
    }
  });

  it('to data of the validated document are refused', async () => {
    await refused({ const: { $data: '1/a' } }, /#\/const: \$data is an extension/);
    await refused({ minimum: { $data: '1/a' } }, /#\/minimum: must be number/);
  });
});

it('names like __proto__ are properties like any other', async () => {
  const names = ['__proto__', 'constructor', 'a.b', '$x', ''];
  const properties = names.map((name) => `${JSON.stringify(name)}:{"type":"strin"}`).join();
  await refused(`{"properties":{${properties}}}`, /^document #\/properties\/__proto__\/type: /);
  await taken(`{"properties":{${properties.replaceAll('strin', 'string')}},"$ref":"#/properties/__proto__"}`);
});

it('a large enum costs linear time in every dialect', async () => {
  for (const $schema of dialects) {
    const started = performance.now();
    await taken({ $schema, enum: Array.from({ length: 20_000 }, (_, index) => ({ a: index })) });
    assert.ok(performance.now() - started < 1_500, $schema);
  }
});

it('a pointer of the caller is cut before it fills the header block of the answer', async () => {
  const [problem = ''] = await problemsOf({ properties: { ['x'.repeat(100_000)]: { pattern: '(?=a)' } } });
  assert.ok(problem.length < 400);
});
