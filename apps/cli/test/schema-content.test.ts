/** Documents of equal content, as the import of definitions finds them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentHash, nesting } from '../src/definitions/schema-content.ts';

describe('contentHash', () => {
  it('is the same for what is written in another way', () => {
    const pairs = [
      ['{"a":1,"b":[true,null]}', ' { "b" : [ true , null ] , "a" : 1.0 } '],
      ['"\\u0061\\/"', '"a/"'],
      ['[-0, 0.000, 0e9]', '[0,0,0]'],
      ['1e2', '100'],
      ['{"a":1,"a":2}', '{"a":2}'],
      ['{"__proto__":{"1":{},"0":[]}}', '{"__proto__":{"0":[],"1":{}}}'],
    ] as const;
    for (const [one, other] of pairs) assert.equal(contentHash(one), contentHash(other), one);
  });

  it('is another for other content', () => {
    const texts = [
      '{}',
      '[]',
      '""',
      '"{}"',
      'true',
      '"true"',
      '1',
      '"1"',
      '[1,2]',
      '[2,1]',
      '[[1],2]',
      '{"a":{}}',
      '{"a":[]}',
    ];
    const numbers = [
      '12345678901234567890',
      '12345678901234567891',
      '1e400',
      '1e401',
      '4e-324',
      '5e-324',
      '1e-400',
    ];
    const all = [...texts, ...numbers, '{"__proto__":1}', '{"a":"b:c,d"}', '{"a":"b","c":"d"}'];
    assert.equal(new Set(all.map(contentHash)).size, all.length);
  });
});

describe('nesting', () => {
  it('counts levels, not brackets in text', () => {
    assert.deepEqual(['1', '[]', '{"a":[{}]}', '["[[{", []]'].map(nesting), [0, 1, 3, 2]);
  });
});
