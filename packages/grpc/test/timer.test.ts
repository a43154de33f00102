/** Timers of any length. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { after } from '../src/timer.ts';

const day = 86_400_000;

describe('a timer', () => {
  it('longer than the system allows fires once, when it is due', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let fired = 0;
    after(60 * day, () => fired++);
    for (let days = 0; days < 59; days++) t.mock.timers.tick(day);
    assert.equal(fired, 0);
    for (let days = 0; days < 60; days++) t.mock.timers.tick(day);
    assert.equal(fired, 1);
  });

  it('can be cancelled in any part of its time', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let fired = 0;
    const timers = [1, 30, 60].map((days) => after(days * day, () => fired++));
    timers[0]?.[Symbol.dispose]();
    timers[1]?.[Symbol.dispose]();
    for (let days = 0; days < 40; days++) t.mock.timers.tick(day);
    timers[2]?.[Symbol.dispose]();
    for (let days = 0; days < 40; days++) t.mock.timers.tick(day);
    assert.equal(fired, 0);
  });
});
