/** Limits of time that share one timer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Limited, TimeLimits } from '@connections/runtime';
import { TestClock } from '@connections/testing';

class Noted extends Limited {
  readonly #over: () => void;

  constructor(over: () => void) {
    super();
    this.#over = over;
  }

  override over(): void {
    this.#over();
  }
}

describe('limits of time', () => {
  it('are over each once, in its own time, at most two ticks late', async () => {
    const clock = new TestClock();
    const limits = new TimeLimits(clock, 20);
    const over: string[] = [];
    limits.open(new Noted(() => over.push('long')), 500);
    limits.open(new Noted(() => over.push('short')), 100);
    await clock.advance(100);
    assert.deepEqual(over, []);
    await clock.advance(40);
    assert.deepEqual(over, ['short']);
    await clock.advance(1_000);
    assert.deepEqual(over, ['short', 'long']);
  });

  it('are lifted by closing, also by another that is over at the same tick', async () => {
    const clock = new TestClock();
    const limits = new TimeLimits(clock, 20);
    const lifted = new Noted(() => assert.fail('over'));
    const alsoLifted = new Noted(() => assert.fail('over'));
    let over = 0;
    limits.open(
      new Noted(() => {
        over++;
        alsoLifted.close();
      }),
      100,
    );
    limits.open(alsoLifted, 100);
    limits.open(lifted, 100);
    lifted.close();
    await clock.advance(1_000);
    assert.equal(over, 1);
  });

  it('have a timer only while one is open', async () => {
    const clock = new TestClock();
    let timers = 0;
    const after = clock.after.bind(clock);
    clock.after = (...timer) => {
      timers++;
      return after(...timer);
    };
    const limits = new TimeLimits(clock, 20);
    const each = Array.from({ length: 100 }, () => new Noted(() => {}));
    for (const limited of each) limits.open(limited, 1_000);
    assert.equal(timers, 1);
    for (const limited of each) limited.close();
    await clock.advance(10_000);
    assert.equal(timers, 1);
    limits.open(new Noted(() => {}), 1_000);
    assert.equal(timers, 2);
  });
});
