/** Tests that equal content has one canonical text, and different content never the same. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, fingerprint } from '../src/domain/canonical-json.ts';

it('ignores spaces and the order of names, at every depth', () => {
  const one = '{"b": [1, {"y": 1, "x": 2}], "a": null}';
  const other = '{"a":null,"b":[1,{"x":2,"y":1}]}';
  assert.equal(canonicalJson(one), other);
  assert.equal(fingerprint(one), fingerprint(other));
});

it('keeps the order of lists', () => {
  assert.notEqual(canonicalJson('[1,2]'), canonicalJson('[2,1]'));
});

it('prints numbers by value, as RFC 8785 does where they are doubles', () => {
  const texts = ['1.0', '10e-1', '1E0', '-0', '0.000', '1e21', '1e-7', '123456.7890', '5e-324'];
  assert.deepEqual(texts.map(canonicalJson), [
    '1',
    '1',
    '1',
    '0',
    '0',
    '1e+21',
    '1e-7',
    '123456.789',
    '5e-324',
  ]);
});

it('tells numbers apart that are one as doubles', () => {
  assert.notEqual(canonicalJson('9007199254740993'), canonicalJson('9007199254740992'));
  assert.notEqual(canonicalJson('1e999'), canonicalJson('1e998'));
  assert.equal(canonicalJson('90071992547409930e-1'), canonicalJson('9007199254740993'));
});

it('keeps names that objects of the platform treat in their own way', () => {
  assert.equal(canonicalJson('{"__proto__":{"a":1},"1":2,"0":3}'), '{"0":3,"1":2,"__proto__":{"a":1}}');
});

it('takes linear time over a long number with a run of zeros in it', () => {
  const started = performance.now();
  canonicalJson(`1${'0'.repeat(200_000)}1`);
  assert.ok(performance.now() - started < 1_000);
});

it('is its own canonical text and has the same value, for any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const canonical = canonicalJson(JSON.stringify(value));
      assert.equal(canonicalJson(canonical), canonical);
      assert.deepEqual(JSON.parse(canonical), JSON.parse(JSON.stringify(value)));
    }),
  );
});
