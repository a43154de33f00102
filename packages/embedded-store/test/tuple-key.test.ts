/** The order of keys. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { successor, tupleKey, tupleRange } from '../src/index.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !value.includes('\0'));
const number = fc.maxSafeNat();
const utf8 = (value: string) => Buffer.from(value);

describe('keys made of parts', () => {
  it('sort as their parts do: text by its UTF-8 bytes, numbers by value', () => {
    fc.assert(
      fc.property(text, number, text, number, (leftText, leftNumber, rightText, rightNumber) => {
        const byParts =
          Buffer.compare(utf8(leftText), utf8(rightText)) || Math.sign(leftNumber - rightNumber);
        const byKeys = Buffer.compare(tupleKey(leftText, leftNumber), tupleKey(rightText, rightNumber));
        assert.equal(byKeys, byParts);
      }),
    );
  });

  it('fall into the range of their first parts and of the beginning of the next, others do not', () => {
    fc.assert(
      fc.property(text, text, text, (first, second, prefix) => {
        const key = tupleKey(first, second);
        const { start, end } = tupleRange([first], prefix);
        const inside = Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0;
        assert.equal(inside, utf8(second).subarray(0, utf8(prefix).length).equals(utf8(prefix)));
      }),
    );
  });

  it('are no prefix of another key of the same shape', () => {
    fc.assert(
      fc.property(text, text, text, text, (left, leftNext, right, rightNext) => {
        const key = tupleKey(left, leftNext);
        const other = tupleKey(right, rightNext);
        const isPrefix = Buffer.compare(key, other.subarray(0, key.length)) === 0;
        assert.equal(isPrefix, left === right && leftNext === rightNext);
      }),
    );
  });

  it('refuse a number that is no natural one', () => {
    for (const value of [-1, 1.5, Number.NaN]) assert.throws(() => tupleKey(value), RangeError);
  });

  it('have a successor that is greater than every key starting with them', () => {
    for (const bytes of [[1, 2], [1, 0xff], [0xff, 0xff], []]) {
      const key = Buffer.from(bytes);
      assert.ok(Buffer.compare(successor(key), Buffer.concat([key, Buffer.alloc(4, 0xff)])) > 0);
    }
  });
});
