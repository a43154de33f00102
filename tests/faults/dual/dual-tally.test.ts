/** When rounds of faults on two stores are broken, or worth nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WriteCall } from './check/history.ts';
import type { DualRound } from './dual-round.ts';
import { DualTally } from './dual-tally.ts';

const write: WriteCall = {
  kind: 'write',
  task: 'default/t',
  replica: 0,
  invoked: 1,
  returned: 2,
  request: '1',
  operation: 'put',
  status: 's',
  plain: false,
  allowsBuffer: true,
  outcome: 'DURABLE',
  open: false,
};

const round: DualRound = {
  faults: ['mongo-kill'],
  calls: Array.from({ length: 20 }, () => write),
  disturbed: 3,
  conflicts: 0,
  restedMs: 4_000,
  lastDifference: 'nothing',
  check: { findings: [], blurred: 0 },
};

function broken(rounds: readonly DualRound[], room = 1): string[] {
  const tally = new DualTally();
  for (const each of rounds) tally.add(each);
  return tally.broken(room);
}

describe('the verdict on rounds of faults on two stores', () => {
  it('is kept where nothing was found and the view was right in time, and the line counts what happened', () => {
    const tally = new DualTally();
    tally.add(round);
    tally.add(round);
    assert.deepEqual(tally.broken(1), []);
    assert.match(
      `${tally}`,
      /^2 rounds; faults mongo-kill 2; writes DURABLE 40; .*; lost or undone 0, twice 0, older 0, /,
    );
  });

  it('names what the checker found, and leaves that no room', () => {
    const findings = [{ invariant: 'I1', task: 'default/t', what: 'r is gone' }] as const;
    const bad = { ...round, check: { findings, blurred: 0 } };
    assert.deepEqual(broken([round, bad], Number.POSITIVE_INFINITY), ['I1 default/t: r is gone']);
  });

  it('leaves room to a view that is right later than promised', () => {
    const late = { ...round, restedMs: 6_000 };
    assert.equal(broken([late], 1).length, 1);
    assert.deepEqual(broken([late], 3), []);
  });

  it('is void without a fault, without a caller who met one, and without traffic', () => {
    assert.match(broken([]).join(), /^void: 0 faults/);
    assert.match(
      broken([{ ...round, disturbed: 0 }]).join(),
      /^void: 1 faults, 1 of 1 rounds in which nobody met one/,
    );
    assert.match(broken([{ ...round, calls: [write] }]).join(), /^void: .* 1 acknowledged writes$/);
  });
});
