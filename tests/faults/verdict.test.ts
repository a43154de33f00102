/** When a run of faults is broken, or worth nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportLine } from './run/report-line.ts';
import type { ScenarioFigures } from './run/run-scenario.ts';
import { brokenPromises } from './run/verdict.ts';

const round = {
  firstAnswerMs: 5_000,
  meanwhileMs: [1, 2, 3],
  storelessMs: [1],
  healedMs: 4_000,
  attempts: 10,
  awayMs: 10_000,
};
const figures: ScenarioFigures = {
  name: 'a-fault',
  rounds: [round],
  writes: { acknowledged: 1_000, unknown: 3, refused: 20 },
  findings: { lost: [], twice: [], untrue: [] },
  unexpected: [],
  memoryMiB: [100, 110],
};

describe('the verdict on a run of faults', () => {
  it('is kept where every figure is within its promise, and the line says them all', () => {
    assert.deepEqual(brokenPromises(figures, 1), []);
    assert.equal(
      reportLine(figures, []),
      'a-fault: 1 fault; writes acknowledged 1000, unknown 3, refused 20; lost 0, twice 0, untrue 0; ' +
        'first answer 5000 ms; then p50 2.0 ms, p99 3.0 ms, max 3.0 ms; without a store p50 1.0 ms, p99 1.0 ms; served again after 4000 ms; ' +
        'attempts 1.0/s; memory at most 100, then 110 MiB; kept',
    );
  });

  it('names each promise that is broken', () => {
    const late = { ...round, firstAnswerMs: 6_000, meanwhileMs: [30], healedMs: 9_000, attempts: 30 };
    const broken = brokenPromises({ ...figures, rounds: [late], memoryMiB: [100, 200] }, 1);
    assert.equal(broken.length, 5, broken.join('\n'));
    assert.match(
      reportLine(figures, broken),
      /; BROKEN: the first answer took ms: 6000.0, more than 5250.0; /,
    );
  });

  it('leaves room to what is late beside other tests, and none to what was written', () => {
    const late = { ...round, meanwhileMs: [90, 90, 90], storelessMs: [40], healedMs: 9_000 };
    assert.deepEqual(brokenPromises({ ...figures, rounds: [late] }, 3), []);
    for (const kind of ['lost', 'twice', 'untrue'] as const) {
      const findings = { ...figures.findings, [kind]: ['key a'] };
      assert.deepEqual(brokenPromises({ ...figures, findings }, 3), [`${kind}: key a`]);
    }
    const unexpected = [new Error('no such answer')];
    assert.equal(brokenPromises({ ...figures, unexpected }, 3).length, 1);
  });

  it('is void without a fault or without traffic', () => {
    assert.match(brokenPromises({ ...figures, rounds: [] }, 1).join(), /^void: 0 faults/);
    const writes = { ...figures.writes, acknowledged: 99 };
    assert.match(brokenPromises({ ...figures, writes }, 1).join(), /^void: 1 faults under 99 /);
  });
});
