/** Deadlines of many calls on one timer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deadlines, type Due, type DueSlot } from '../src/deadlines.ts';
import { StillClock } from './still-clock.ts';

const day = 86_400_000;

class Entry implements Due {
  dueAt = 0;
  dueSlot: DueSlot | undefined;
  duePlace = 0;
  readonly onDue: () => void;

  constructor(onDue: () => void) {
    this.onDue = onDue;
  }
}

describe('deadlines', () => {
  it('of any length fall due once, never early and by no more than 8 ms late', () => {
    const clock = new StillClock();
    const deadlines = new Deadlines(clock);
    const fired = new Map<number, number[]>();
    const delays = [0, 1, 7, 8, 9, 100, 511, 512, 513, 10_000, 3_600_000, 25 * day, 400 * day];
    const start = clock.now();
    for (const delay of delays) {
      fired.set(delay, []);
      deadlines.add(new Entry(() => fired.get(delay)?.push(clock.now() - start)), delay);
    }
    clock.advance(401 * day);
    for (const [delay, times] of fired) {
      assert.equal(times.length, 1, `${delay}`);
      const late = (times[0] ?? 0) - delay;
      assert.ok(late >= 0 && late <= 8, `${delay} ms were ${times[0]}`);
    }
  });

  it('that are over by themselves fall due no more, and leave no timer behind', () => {
    const clock = new StillClock();
    const deadlines = new Deadlines(clock);
    let fired = 0;
    const entries = Array.from({ length: 1_000 }, () => new Entry(() => fired++));
    for (const [i, entry] of entries.entries()) deadlines.add(entry, 1_000 + (i % 7) * 300);
    for (const [i, entry] of entries.entries()) if (i % 10) deadlines.delete(entry);
    for (const entry of entries.slice(1, 10)) deadlines.delete(entry);
    clock.advance(10_000);
    assert.equal(fired, 100);
    assert.equal(clock.waiting, 0);
  });

  it('wake for no more than 64 slots, however many calls have them', () => {
    const clock = new StillClock();
    let timers = 0;
    const after = (delayMs: number, task: () => void) => {
      timers++;
      return clock.after(delayMs, task);
    };
    const deadlines = new Deadlines({ now: () => clock.now(), after });
    for (let i = 0; i < 10_000; i++) {
      const entry = new Entry(() => {});
      deadlines.add(entry, 10_000);
      clock.advance(1);
      deadlines.delete(entry);
    }
    assert.ok(timers <= 100, `${timers} timers`);
  });

  it('let one that falls due end others of its time, and begin new ones', () => {
    const clock = new StillClock();
    const deadlines = new Deadlines(clock);
    const fired: string[] = [];
    const sibling = new Entry(() => fired.push('sibling'));
    const next = new Entry(() => fired.push('next'));
    const entry = new Entry(() => {
      fired.push('first');
      deadlines.delete(sibling);
      deadlines.add(next, 0);
    });
    deadlines.add(sibling, 20);
    deadlines.add(entry, 20);
    deadlines.add(new Entry(() => fired.push('never')), Infinity);
    clock.advance(100);
    assert.deepEqual(fired, ['first', 'next']);
  });
});
