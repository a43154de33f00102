/** Bodies as publishers write them, and the messages that clients of the wire contract get. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SchemasTasks } from '@connections/proto-utils/wire/schemas';
import { PropertyType } from '@connections/proto-utils/wire/utils';
import { ValidationTasks } from '@connections/proto-utils/wire/validation';
import type { Message } from '../src/port/broker.ts';
import { schemaMessage } from '../src/transport/wire/schema-body.ts';
import { validationMessage } from '../src/transport/wire/validation-body.ts';

function message(body: unknown): Message {
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { id: 'message-id', body: bytes, contentType: '', headers: new Map(), subject: '', publishedAt: 0 };
}

describe('schema body', () => {
  it('becomes a schema message', () => {
    const body = {
      id: 't1',
      schema: {
        schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', minLength: 2 },
          age: { type: 'integer', extra: { minimum: '0' } },
          ok: { type: 'boolean', nullable: true },
        },
      },
      import_name: 'people',
      raw: true,
      tasks: 'upload_schema',
      date: '2026-01-02T03:04:05',
      extra: { count: 3, note: 'text', flag: false, list: [1, 'a'] },
    };
    assert.deepEqual(schemaMessage(message(body)), {
      id: 't1',
      schema: {
        schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        required: ['name'],
        properties: new Map([
          ['name', { type: PropertyType.STRING, extra: new Map([['minLength', '2']]) }],
          ['age', { type: PropertyType.INTEGER, extra: new Map([['minimum', '0']]) }],
          ['ok', { type: PropertyType.BOOLEAN, extra: new Map([['nullable', 'true']]) }],
        ]),
      },
      importName: 'people',
      raw: true,
      task: SchemasTasks.UPLOAD_SCHEMA,
      date: '2026-01-02T03:04:05',
      extra: new Map([
        ['count', '3'],
        ['note', 'text'],
        ['flag', 'false'],
        ['list', '[1,"a"]'],
      ]),
    });
  });

  it('is understood with `task` for `tasks`, and with everything left out', () => {
    assert.equal(schemaMessage(message({ task: 'remove_schema' })).task, SchemasTasks.REMOVE_SCHEMA);
    assert.deepEqual(schemaMessage(message({ schema: null })), {
      id: 'message-id',
      schema: undefined,
      importName: '',
      raw: false,
      task: SchemasTasks.UNKNOWN,
      date: '',
      extra: new Map(),
    });
  });

  it('has the unknown task for a text that names none', () => {
    assert.equal(schemaMessage(message({ tasks: 'toString' })).task, SchemasTasks.UNKNOWN);
  });

  it('shows a property of no wire type as text with its JSON beside it', () => {
    const property = { type: ['string', 'null'], maxLength: 3 };
    const { schema } = schemaMessage(message({ schema: { properties: { a: property } } }));
    assert.deepEqual(schema?.properties.get('a'), {
      type: PropertyType.STRING,
      extra: new Map([['json_schema', JSON.stringify(property)]]),
    });
  });

  it('keeps names that objects have by nature', () => {
    const text =
      '{"extra":{"__proto__":"a","constructor":"b"},"schema":{"properties":{"__proto__":{"type":"number"}}}}';
    const { extra, schema } = schemaMessage(message(text));
    assert.deepEqual(
      extra,
      new Map([
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ]),
    );
    assert.equal(schema?.properties.get('__proto__')?.type, PropertyType.NUMBER);
  });
});

describe('validation body', () => {
  it('becomes a validation message, its file untouched', () => {
    const body = {
      id: 't1',
      task: 'sample_validation',
      file_data: '00FFab',
      import_name: 'people',
      metadata: { filename: 'a.csv', content_type: 'text/csv', size: 9_007_199_254_740_991 },
      date: 'not a date',
      extra: {},
    };
    assert.deepEqual(validationMessage(message(body)), {
      id: 't1',
      task: ValidationTasks.SAMPLE_VALIDATION,
      fileData: '00FFab',
      importName: 'people',
      metadata: { filename: 'a.csv', contentType: 'text/csv', size: 9_007_199_254_740_991n },
      date: 'not a date',
      extra: new Map(),
    });
  });

  it('takes a size that is written as text', () => {
    const size = (text: string) => validationMessage(message({ metadata: { size: text } })).metadata?.size;
    assert.equal(size('9223372036854775807'), 2n ** 63n - 1n);
    assert.throws(() => size('9223372036854775808'), TypeError);
  });
});

const unreadable: [string, unknown][] = [
  ['no JSON', '{"id":'],
  ['nothing', ''],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['a list', []],
  ['null', 'null'],
  ['text', '"text"'],
  ['a schema that is text', { schema: 'text' }],
  ['properties that are a list', { schema: { properties: [] } }],
  ['a property that is text', { schema: { properties: { a: 'string' } } }],
  ['required fields that are no list', { schema: { required: 'a' } }],
  ['raw as text', { raw: 'yes' }],
  ['metadata that is a number', { metadata: 1 }],
  ['a size with a fraction', { metadata: { size: 1.5 } }],
  ['a size beyond int64', '{"metadata":{"size":1e300}}'],
  ['extra that is a list', { extra: [] }],
];

describe('a body is refused that is', () => {
  for (const [what, body] of unreadable) {
    it(what, () => {
      assert.throws(() => {
        schemaMessage(message(body));
        validationMessage(message(body));
      });
    });
  }
});
