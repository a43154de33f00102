/** Cutting a stream of text into JSON documents. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonDocuments } from '../src/reflection/json-documents.ts';

function cut(...chunks: readonly string[]): string[] {
  const documents = new JsonDocuments();
  return [...chunks.flatMap((chunk) => [...documents.push(chunk)]), ...documents.end()];
}

describe('JSON documents', () => {
  it('are cut where one ends, with or without space between them', () => {
    assert.deepEqual(cut('{"a":{}}[1]\n\n {"b":"}"}'), ['{"a":{}}', '[1]', '{"b":"}"}']);
    assert.deepEqual(cut('1 true"x"{}null'), ['1', 'true', '"x"', '{}', 'null']);
  });

  it('are handed on when they are complete, before the next one begins', () => {
    const documents = new JsonDocuments();
    assert.deepEqual([...documents.push('{"a":1}')], ['{"a":1}']);
    assert.deepEqual([...documents.push('\n{"a"')], []);
    assert.deepEqual([...documents.push(':2}\n')], ['{"a":2}']);
    assert.deepEqual([...documents.end()], []);
  });

  it('are the same however the text is cut', () => {
    const document = fc.json().filter((json) => /^[[{"]/.test(json));
    fc.assert(
      fc.property(fc.array(document), fc.array(fc.nat(20)), fc.boolean(), (wanted, lengths, spaced) => {
        let text = wanted.join(spaced ? '\n' : '');
        const chunks: string[] = [];
        for (const length of lengths) {
          chunks.push(text.slice(0, length));
          text = text.slice(length);
        }
        assert.deepEqual(cut(...chunks, text), wanted);
      }),
    );
  });

  it('are handed on as they are when they are none, for whoever parses them to say why', () => {
    assert.deepEqual(cut('} {"a": ]x'), ['}', '{"a": ]', 'x']);
    assert.deepEqual(cut('{"a":'), ['{"a":']);
    assert.deepEqual(cut(' \n'), []);
  });

  it('have a bound', () => {
    const documents = new JsonDocuments();
    const megabyte = 'x'.repeat(1_048_576);
    [...documents.push('"')];
    assert.throws(() => {
      for (let count = 0; count < 40; count++) [...documents.push(megabyte)];
    }, RangeError);
  });
});
