/** Extras of wire properties: which type a text is stored as, and the text that it comes back as. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ExactNumber, parseExact, printExact } from '../src/domain/exact-json.ts';
import { extraText, typedExtra } from '../src/domain/typed-extra.ts';

const asNumbers = [
  '0',
  '7',
  '-3',
  '9007199254740993',
  '123456789012345678901234567890',
  '1.0',
  '-2.50',
  '1e5',
];
const asText = [
  '',
  ' 5',
  '5 ',
  '1.',
  '.5',
  '+5',
  '0x10',
  'NaN',
  'True',
  'FALSE',
  'null',
  '1_000',
  '٣',
  '[1]',
];

for (const text of asNumbers) {
  it(`${text} becomes a number and keeps its digits`, () => {
    const value = typedExtra(text);
    assert.ok(value instanceof ExactNumber);
    assert.equal(printExact(value), text);
    assert.equal(extraText(value), text);
  });
}

for (const text of asText) {
  it(`${JSON.stringify(text)} stays text`, () => assert.equal(typedExtra(text), text));
}

it('true and false become booleans', () => {
  assert.equal(typedExtra('true'), true);
  assert.equal(typedExtra('false'), false);
  assert.equal(extraText(true), 'true');
});

it('digits with leading zeros are an integer without them', () => {
  assert.deepEqual(typedExtra('007'), new ExactNumber('7'));
  assert.deepEqual(typedExtra('-00.5'), new ExactNumber('-0.5'));
  assert.deepEqual(typedExtra('000'), new ExactNumber('0'));
});

it('every JSON document is printed with the content that was read', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      assert.deepEqual(JSON.parse(printExact(parseExact(text))), JSON.parse(text));
    }),
    { numRuns: 2_000 },
  );
});

it('names of any kind and the text of numbers survive, in their order', () => {
  const text = '{"b":1.0,"__proto__":{"2":-0,"1":[1e400,"1.0","n","\\"5\\""]},"":null,"a.b":true}';
  assert.equal(printExact(parseExact(text)), text);
});

it('text that is not JSON is refused', () => {
  for (const text of ['', '{', '01', '"', '{"a":1,}', '1 2'])
    assert.throws(() => parseExact(text), SyntaxError);
});
