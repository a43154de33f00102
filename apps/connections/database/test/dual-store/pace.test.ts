/** Waiting, by a clock that a test moves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '@connections/runtime';
import { TestClock } from '@connections/testing';
import { systemPace } from '../../src/dual-store/pace.ts';

describe('a pace', () => {
  it('pauses as long as it is told, or until the signal aborts', async () => {
    const clock = new TestClock();
    const pace = systemPace(clock);
    const ended: string[] = [];
    const stop = new AbortController();
    const long = pace.pause(100, new AbortController().signal).then(() => ended.push('time'));
    const cut = pace.pause(1_000, stop.signal).then(() => ended.push('signal'));
    stop.abort();
    await cut;
    clock.advance(100);
    await long;
    await pace.pause(1_000, stop.signal);
    assert.deepEqual(ended, ['signal', 'time']);
  });

  it('lets many pauses end with one signal, without a warning', async (context) => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    context.after(() => process.off('warning', listen));
    const stop = new AbortController();
    const pace = systemPace(new TestClock());
    const pauses = Array.from({ length: 20 }, () => pace.pause(100, stop.signal));
    stop.abort();
    await Promise.all(pauses);
    // A warning is told in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warnings, []);
  });

  it('waits for work no longer than it is told, and lets it go on', async () => {
    const clock = new TestClock();
    const pace = systemPace(clock);
    assert.equal(await pace.atMost(10, Promise.resolve(7)), 7);
    await assert.rejects(pace.atMost(10, Promise.reject(new Error('no'))), /no/);
    let finish: (value: number) => void = () => {};
    const work = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const waited = pace.atMost(10, work);
    await clock.advance(30);
    assert.equal(await waited, undefined);
    finish(1);
    assert.equal(await work, 1);
  });

  it('does not take for slow what was not looked at while the process was held', async () => {
    let now = 0;
    let tick = () => {};
    const held: Clock = {
      now: () => now,
      after: (_, task) => {
        tick = task;
        return { [Symbol.dispose]: () => {} };
      },
    };
    let finish: (value: number) => void = () => {};
    const work = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const waited = systemPace(held).atMost(100, work);
    now += 10_000;
    tick();
    finish(1);
    assert.equal(await waited, 1);
  });
});
