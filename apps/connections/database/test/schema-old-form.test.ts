/** The form in which the first implementation finds what we wrote. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BSON, Double, Long } from 'mongodb';
import { printExact } from '../src/domain/exact-json.ts';
import { toSchemaDocument, type WireJsonSchema } from '../src/domain/wire-json-schema.ts';
import { exactOf } from '../src/driver/mongo/exact-bson.ts';
import { toOldForm } from '../src/driver/mongo/schema-old-form.ts';
import { oldActive } from '../src/driver/mongo/schema-old-versions.ts';
import { changedReleases } from '../src/driver/mongo/schema-releases.ts';

const wire = (extra: readonly (readonly [string, string])[], name = 'id'): WireJsonSchema => ({
  schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: [name],
  properties: new Map([[name, { type: 'integer', extra: new Map(extra) }]]),
});
const stored = (document: string) =>
  BSON.deserialize(BSON.serialize({ active_schema: toOldForm(document) }), exact);
const exact = { promoteValues: false, promoteLongs: false };
const version = (bytes: number) => ({
  document: toSchemaDocument(wire([['description', 'd'.repeat(bytes)]])),
  ...{ fingerprint: 'f', author: '', note: '', createdAt: 1, statedAt: undefined, version: 1 },
});

describe('the old form of a schema', () => {
  it('has the extras beside the type, each as what it means', () => {
    const extra = [
      ['minimum', '1'],
      ['maximum', '1.0'],
      ['long', '9007199254740993'],
      ['longer', '99999999999999999999'],
      ['unique', 'true'],
      ['title', 'A'],
    ] as const;
    const { active_schema } = stored(toSchemaDocument(wire(extra)));
    assert.deepEqual(active_schema, {
      schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['id'],
      properties: {
        id: {
          type: 'integer',
          minimum: Long.fromNumber(1),
          maximum: new Double(1),
          long: Long.fromString('9007199254740993'),
          longer: new Double(1e20),
          unique: true,
          title: 'A',
        },
      },
    });
  });

  it('comes back as the text that it was made of', () => {
    for (const document of [
      toSchemaDocument(
        wire([
          ['minimum', '1'],
          ['maximum', '-1.0'],
          ['minLength', 'x'],
          ['multipleOf', '0'],
        ]),
      ),
      toSchemaDocument(
        wire(
          [
            ['9', '1'],
            ['a.b', '$x'],
            ['', '1e3'],
          ],
          '__proto__',
        ),
      ),
      '{"required":[],"properties":{"a":{"type":"array","items":{"type":"string"}},"b":true}}',
      '{"type":"object","required":["a"],"properties":{"a":{"type":"string","enum":["x",1]}}}',
    ]) {
      const { active_schema } = stored(document);
      const { document: back } = oldActive({ _id: 'x', active_schema }, 1);
      assert.equal(JSON.stringify(JSON.parse(back)), JSON.stringify(JSON.parse(document)));
    }
  });

  it('leaves out what the server takes for a reference, and what BSON has no name for', () => {
    for (const name of ['$ref', '$id', '$db', 'a\0b']) {
      assert.deepEqual(stored(toSchemaDocument(wire([], name))).active_schema.properties, {});
      const { properties } = stored(toSchemaDocument(wire([[name, 'x']]))).active_schema;
      assert.deepEqual(properties, { id: { type: 'integer' } });
    }
  });
});

describe('values that the first implementation stored', () => {
  it('are shown as it would show them, and a time beyond those of JavaScript as none', () => {
    const text = (value: unknown) => {
      const bytes = BSON.serialize({ value });
      return printExact(exactOf(BSON.deserialize(bytes, exact).value));
    };
    for (const [value, shown] of [
      [new Double(-0), '0.0'],
      [new Double(1e15), '1000000000000000.0'],
      [new Double(-1e16), '-1e+16'],
      [new Double(2 ** 60), '1.152921504606847e+18'],
      [new Double(Number.NaN), '"NaN"'],
      [Long.MAX_VALUE, '9223372036854775807'],
      [new Map([['__proto__', new Double(1)]]), '{"__proto__":1.0}'],
    ] as const) {
      assert.equal(text(value), shown);
    }
    assert.equal(exactOf(new Date(Number.NaN)), null);
  });
});

describe('the releases that the first implementation finds', () => {
  it('are all while they fit, and else the newest', () => {
    const all = changedReleases({ before: [10, 20], popped: 0, pushed: [version(1)] });
    assert.deepEqual([all.bytes.slice(0, 2), all.bytes.length, all.pushed.length], [[10, 20], 3, 1]);
    const mib = 2 ** 20;
    const some = changedReleases({ before: [3 * mib, 2 * mib, mib], popped: 0, pushed: [version(10)] });
    assert.deepEqual(some.bytes.slice(0, -1), [2 * mib, mib]);
    const one = changedReleases({ before: [mib], popped: 0, pushed: [version(1), version(5 * mib)] });
    assert.deepEqual([one.bytes.length, one.pushed.length], [1, 1]);
  });

  it('lose the newest with each removal', () => {
    const { bytes, pushed } = changedReleases({ before: [1, 2, 3], popped: 2, pushed: [version(1)] });
    assert.deepEqual([bytes[0], bytes.length, pushed.length], [1, 2, 1]);
    assert.deepEqual(changedReleases({ before: [1], popped: 2, pushed: [] }).bytes, []);
  });
});
