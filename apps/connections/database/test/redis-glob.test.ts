/** Globs of RedisGetKeys: examples of Redis' own behaviour, and a comparison with a plain recursive matcher. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redisGlob } from '../src/domain/redis-glob.ts';

const examples: readonly [pattern: string, key: string, matches: boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'user:1', true],
  ['user:*', 'user:', true],
  ['user:*', 'users:1', false],
  ['*:1', 'user:1', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h?llo', 'h😀llo', true],
  ['h[ae]llo', 'hallo', true],
  ['h[ae]llo', 'hillo', false],
  ['h[^e]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-b]llo', 'hbllo', true],
  ['h[a-b]llo', 'hcllo', false],
  ['h[b-a]llo', 'hallo', true],
  ['[а-я]', 'ж', true],
  ['[]', 'a', false],
  ['[^]', 'a', true],
  ['[a-]', 'Z', false],
  ['[a-]', '^', true],
  ['[\\]]', ']', true],
  ['[a\\-z]', 'm', false],
  ['[a\\-z]', '-', true],
  ['[abc', 'c', true],
  ['[abc', 'd', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a\\', 'a\\', true],
  ['a.c', 'abc', false],
  ['__proto__', '__proto__', true],
  ['$x', '$x', true],
];

for (const [pattern, key, expected] of examples) {
  it(`${JSON.stringify(pattern)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(key)}`, () => {
    assert.equal(redisGlob(pattern).matches(key), expected);
  });
}

describe('the prefix of a glob', () => {
  for (const [pattern, prefix, literal] of [
    ['user:*', 'user:', false],
    ['user\\:\\*:x[1]', 'user:*:x', false],
    ['plain', 'plain', true],
    ['pl\\?in', 'pl?in', true],
    ['?', '', false],
  ] as const) {
    it(`of ${pattern} is ${JSON.stringify(prefix)}`, () => {
      const glob = redisGlob(pattern);
      assert.deepEqual({ prefix: glob.prefix, literal: glob.literal }, { prefix, literal });
    });
  }
});

const symbols = fc.constantFrom('a', 'b', 'c', '-', ']', '[', '^', '*', '?', '\\', 'é', '😀');
const text = fc.string({ unit: symbols, maxLength: 8 });

it('agrees with a matcher that tries every split', () => {
  fc.assert(
    fc.property(text, text, (pattern, key) => {
      assert.equal(redisGlob(pattern).matches(key), reference([...pattern], [...key]));
    }),
    { numRuns: 5_000 },
  );
});

it('every key that matches starts with the prefix', () => {
  fc.assert(
    fc.property(text, text, (pattern, key) => {
      const glob = redisGlob(pattern);
      fc.pre(glob.matches(key));
      assert.ok(key.startsWith(glob.prefix));
      if (glob.literal) assert.equal(key, glob.prefix);
    }),
    { numRuns: 2_000 },
  );
});

it('many stars against a long key take less than a second', () => {
  const started = performance.now();
  assert.equal(redisGlob(`${'*a'.repeat(255)}*b`).matches('a'.repeat(512)), false);
  assert.ok(performance.now() - started < 1_000);
});

function reference(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === '*') return key.some((_, taken) => reference(rest, key.slice(taken))) || reference(rest, []);
  const [symbol, ...others] = key;
  if (symbol === undefined) return false;
  if (first === '?') return reference(rest, others);
  if (first === '\\' && rest.length > 0) return symbol === rest[0] && reference(rest.slice(1), others);
  if (first !== '[') return symbol === first && reference(rest, others);
  const set = referenceSet(rest, symbol);
  return set.taken && reference(set.rest, others);
}

function referenceSet(
  pattern: readonly string[],
  symbol: string,
): { taken: boolean; rest: readonly string[] } {
  let left = pattern;
  const negated = left[0] === '^';
  if (negated) left = left.slice(1);
  let found = false;
  while (left.length > 0 && left[0] !== ']') {
    const [first = '', second, third = ''] = left;
    const order = (one: string) => one.codePointAt(0) ?? 0;
    if (first === '\\' && left.length >= 2) {
      found ||= symbol === second;
      left = left.slice(2);
    } else if (second === '-' && left.length >= 3) {
      const [low, high] = [first, third].sort((a, b) => order(a) - order(b)).map(order);
      found ||= order(symbol) >= (low ?? 0) && order(symbol) <= (high ?? 0);
      left = left.slice(3);
    } else {
      found ||= symbol === first;
      left = left.slice(1);
    }
  }
  return { taken: found !== negated, rest: left.slice(1) };
}
