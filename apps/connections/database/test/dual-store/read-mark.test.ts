/** Tokens of the dual store. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { entrySatisfies, type ReadMark, readMark, readToken } from '../../src/dual-store/read-mark.ts';

const marks: fc.Arbitrary<ReadMark> = fc.oneof(
  fc.record({
    kind: fc.constant('STAMP' as const),
    stamp: fc.record({ incarnation: fc.string(), revision: fc.nat() }),
  }),
  fc.record({ kind: fc.constant('GONE' as const) }),
  fc.record({ kind: fc.constant('BUFFERED' as const), mark: fc.string(), requestId: fc.string() }),
);

/** Without the prototypes that fast-check takes away. */
function plain(mark: ReadMark): unknown {
  return JSON.parse(JSON.stringify(mark));
}

describe('a token', () => {
  it('says what the reply was', () => {
    fc.assert(fc.property(marks, (mark) => assert.deepEqual(readMark(readToken(mark)), plain(mark))));
  });

  it('is refused when it is none of ours', () => {
    for (const token of ['', 'mongo:1', 'dual:1:', 'dual:1:bm8', 'dual:1:WzFd', 'dual:1:WyJhIl0']) {
      assert.throws(() => readMark(token), { status: 'INVALID_ARGUMENT' }, token);
    }
  });

  it('is satisfied by an entry of the same life that is at least as new, and by no other', () => {
    const entry = { base: { incarnation: 'a', revision: 3 }, task: undefined, buffered: false };
    const stamp = (incarnation: string, revision: number): ReadMark => ({
      kind: 'STAMP',
      stamp: { incarnation, revision },
    });
    assert.equal(entrySatisfies(stamp('a', 3), entry), true);
    assert.equal(entrySatisfies(stamp('a', 4), entry), false);
    assert.equal(entrySatisfies(stamp('b', 1), entry), false);
    assert.equal(entrySatisfies({ kind: 'GONE' }, entry), false);
    assert.equal(entrySatisfies(stamp('a', 1), { ...entry, base: undefined }), false);
  });
});
