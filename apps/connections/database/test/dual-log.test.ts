/** The log of tasks on two stores: what is told, how often, and nothing of a caller's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog } from '@connections/runtime';
import { TestClock } from '@connections/testing';
import { dualLog } from '../src/driver/dual-log.ts';

function opened() {
  const clock = new TestClock();
  const lines: { readonly level: string; readonly count: number; readonly msg: string }[] = [];
  const log = createLog({ format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  return { clock, note: dualLog({ log, clock }), counts: () => lines.map(({ count }) => count), lines };
}

describe('the log of tasks on two stores', () => {
  it('tells the first conflict at once, those of the next minute in one line, and the next at once again', async () => {
    const { clock, note, counts, lines } = opened();
    note('conflict');
    assert.deepEqual(counts(), [1]);
    for (let time = 0; time < 5; time++) note('conflict');
    await clock.advance(59_999);
    assert.deepEqual(counts(), [1]);
    await clock.advance(1);
    assert.deepEqual(counts(), [1, 5]);
    note('conflict');
    assert.deepEqual(counts(), [1, 5]);
    await clock.advance(60_000);
    assert.deepEqual(counts(), [1, 5, 1]);
    await clock.advance(60_000);
    note('conflict');
    assert.deepEqual(counts(), [1, 5, 1, 1]);
    assert.match(lines[0]?.msg ?? '', /connections conflicts list/);
    assert.deepEqual(new Set(lines.map(({ level }) => level)), new Set(['warn']));
  });

  it('tells each kind by itself, and what happens all the time not at all', () => {
    const { note, lines } = opened();
    for (const event of ['history-lost', 'checkpoint-moved', 'unsafe', 'diverged'] as const) note(event);
    assert.equal(new Set(lines.map(({ msg }) => msg)).size, 4);
    for (const event of ['filled', 'lease-waited', 'buffered', 'drained'] as const) note(event);
    for (const event of ['drain-failed', 'tail-interrupted'] as const) note(event);
    assert.equal(lines.length, 4);
  });
});
