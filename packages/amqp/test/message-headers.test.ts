/** Headers as they go over AMQP and come back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHeaders, encodeHeaders, ownHeaders } from '../src/index.ts';

test('any header comes back, those of names that the broker takes for its own and those that are too long', () => {
  const headers = new Map([
    ['traceparent', '00-ab'],
    ['CC', 'nobody'],
    ['x-death', 'text'],
    ['__proto__', 'text'],
    [ownHeaders.key, 'not ours'],
    ['n'.repeat(256), 'long'],
  ]);
  const table = encodeHeaders(headers, 'schemas/a');
  assert.deepEqual(Object.keys(table).sort(), ['traceparent', ownHeaders.others, ownHeaders.subject]);
  assert.deepEqual([...decodeHeaders(table)].sort(), [...headers].sort());
});

test('what others wrote comes as text, and what they wrote for ours is no trouble', () => {
  for (const others of ['{', '{}', '[1, ["a"], ["a", 1]]', 7]) {
    const table = { retries: 3, nested: { a: [1] }, none: null, [ownHeaders.others]: others };
    assert.deepEqual(
      [...decodeHeaders(table)],
      [
        ['retries', '3'],
        ['nested', '{"a":[1]}'],
        ['none', ''],
      ],
    );
  }
});
