/** Topic patterns against a reference that tries every way to match. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { topicMatches, topicWords } from '../src/domain/topic-pattern.ts';

function matches(pattern: string, key: string): boolean {
  return topicMatches(topicWords(pattern), topicWords(key));
}

/** Exponential, and plainly what AMQP says. */
function tried(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === '#') return tried(rest, words) || (words.length > 0 && tried(pattern, words.slice(1)));
  return words.length > 0 && (first === '*' || first === words[0]) && tried(rest, words.slice(1));
}

describe('topic patterns', () => {
  it('match as the reference does', () => {
    const word = fc.constantFrom('a', 'b', '', 'a*');
    const pattern = fc.array(fc.oneof(word, fc.constantFrom('*', '#', '#')), { maxLength: 7 });
    const key = fc.array(fc.oneof(word, fc.constantFrom('*', '#')), { maxLength: 9 });
    fc.assert(
      fc.property(pattern, key, (parts, words) => {
        assert.equal(topicMatches(parts, words), tried(parts, words));
      }),
      { numRuns: 20_000 },
    );
  });

  it('an empty key has no words', () => {
    assert.equal(matches('', ''), true);
    assert.equal(matches('#', ''), true);
    assert.equal(matches('*', ''), false);
    assert.equal(matches('a.#', ''), false);
  });

  it('two dots in a row have an empty word between them', () => {
    assert.equal(matches('a.*.b', 'a..b'), true);
    assert.equal(matches('a.b', 'a..b'), false);
    assert.equal(matches('*.*', '.'), true);
  });

  it('a pattern made to be tried in many ways is answered at once', () => {
    const pattern = topicWords(`${'#.a.'.repeat(100)}b`);
    const words = topicWords(`${'a.'.repeat(250)}c`);
    const start = performance.now();
    assert.equal(topicMatches(pattern, words), false);
    assert.ok(performance.now() - start < 100, 'it takes more than 100 ms');
  });
});
