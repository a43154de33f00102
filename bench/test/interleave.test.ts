/** Cases run in turns, and what is compared stood side by side. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { interleave } from '../src/measure/interleave.ts';
import { median, summarize } from '../src/measure/statistics.ts';

function scripted(values: readonly number[], log: string[], name: string) {
  let turn = 0;
  return async () => {
    log.push(name);
    return { 'calls/s': values[turn++] ?? 0 };
  };
}

describe('interleave', () => {
  it('runs every case once before any runs again, and keeps no warm-up', async () => {
    const log: string[] = [];
    const cases = [
      { name: 'a', run: scripted([999, 1, 2], log, 'a') },
      { name: 'b', run: scripted([999, 3, 4], log, 'b') },
    ];
    const [a, b] = await interleave('part', cases, { warmUps: 1, repetitions: 2 });
    assert.deepEqual(log, ['a', 'b', 'a', 'b', 'a', 'b']);
    assert.deepEqual(a?.repetitions, [1, 2]);
    assert.deepEqual(b?.repetitions, [3, 4]);
  });

  it('compares runs of the same turn: a machine that slows down for both changes no ratio', async () => {
    const cases = [
      { name: 'reference', run: scripted([100, 10, 1_000], [], '') },
      { name: 'ours', against: 'reference', goals: { 'calls/s': 0.5 }, run: scripted([90, 9, 900], [], '') },
    ];
    const [, ours] = await interleave('part', cases, { warmUps: 0, repetitions: 3 });
    assert.deepEqual(ours?.comparison, { against: 'reference', ratio: 0.9, goal: 0.5 });
  });

  it('gives a ratio above 1 to what is better, also where less is better', async () => {
    const cases = [
      { name: 'reference', run: async () => ({ ms: 10 }) },
      { name: 'ours', against: 'reference', run: async () => ({ ms: 5 }) },
    ];
    const [, ours] = await interleave('part', cases, { warmUps: 0, repetitions: 2 });
    assert.equal(ours?.comparison?.ratio, 2);
  });
});

describe('median', () => {
  it('is the middle, or half way between the two in the middle', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 2, 100]), 3);
    assert.deepEqual(summarize([3, 1, 2]), { median: 2, min: 1, max: 3 });
  });
});
