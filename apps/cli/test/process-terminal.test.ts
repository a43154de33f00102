/** Colour, by the conventions of terminals. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wantsColour } from '../src/process-terminal.ts';

describe('wantsColour', () => {
  const cases: readonly [string, Record<string, string>, boolean, boolean][] = [
    ['a terminal', {}, true, true],
    ['a pipe', {}, false, false],
    ['a terminal with NO_COLOR', { NO_COLOR: '1' }, true, false],
    ['a terminal with an empty NO_COLOR', { NO_COLOR: '' }, true, true],
    ['a terminal that can show none', { TERM: 'dumb' }, true, false],
    ['a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, false, true],
    ['FORCE_COLOR and NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['a terminal with FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ];
  for (const [what, env, isTerminal, expected] of cases) {
    it(`${expected ? 'is' : 'is not'} wanted by ${what}`, () => {
      assert.equal(wantsColour(env, isTerminal), expected);
    });
  }
});
