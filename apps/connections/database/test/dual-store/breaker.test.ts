/** When a store is not asked any more, and when it is asked again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Admission, Breaker } from '../../src/dual-store/breaker.ts';

describe('a breaker', () => {
  let now = 0;
  const make = () => {
    now = 0;
    return new Breaker({ now: () => now, random: () => 1 });
  };
  const begun = (breaker: Breaker): Admission => {
    const admission = breaker.begin();
    assert.ok(admission, 'refused');
    return admission;
  };
  const fail = (breaker: Breaker, times: number) => {
    for (let time = 0; time < times; time++) {
      breaker.failed(begun(breaker));
    }
  };

  it('opens after five failures in a row', () => {
    const breaker = make();
    fail(breaker, 4);
    breaker.succeeded(begun(breaker));
    fail(breaker, 4);
    assert.equal(breaker.allows, true);
    fail(breaker, 1);
    assert.equal(breaker.begin(), undefined);
  });

  it('opens when half of twenty calls within a second failed', () => {
    const breaker = make();
    for (let call = 0; call < 10; call++) {
      breaker.succeeded(begun(breaker));
      fail(breaker, 1);
    }
    assert.equal(breaker.allows, false);
  });

  it('forgets what is longer ago', () => {
    const breaker = make();
    for (let call = 0; call < 30; call++) {
      now += 200;
      breaker.succeeded(begun(breaker));
      fail(breaker, 1);
    }
    assert.equal(breaker.allows, true);
  });

  it('lets one call try, waits longer when that fails, and closes when it is answered', () => {
    const breaker = make();
    fail(breaker, 5);
    now += 200;
    const first = begun(breaker);
    assert.equal(breaker.begin(), undefined);
    breaker.failed(first);
    now += 200;
    assert.equal(breaker.allows, false);
    now += 100;
    breaker.succeeded(begun(breaker));
    begun(breaker);
    begun(breaker);
  });

  it('waits no longer than some five seconds', () => {
    const breaker = make();
    fail(breaker, 5);
    for (let tries = 0; tries < 20; tries++) {
      now += 5_100;
      fail(breaker, 1);
    }
    now += 5_100;
    assert.equal(breaker.allows, true);
  });

  it('lets another call try when the one that tried was given up by its caller', () => {
    const breaker = make();
    fail(breaker, 5);
    now += 1_000;
    breaker.ended(begun(breaker));
    begun(breaker);
  });

  it('lets no second call try because of what came of calls that were begun before it opened', () => {
    const breaker = make();
    const older = [begun(breaker), begun(breaker), begun(breaker)] as const;
    fail(breaker, 5);
    now += 1_000;
    const trying = begun(breaker);
    breaker.ended(older[0]);
    breaker.failed(older[1]);
    breaker.succeeded(older[2]);
    assert.equal(breaker.begin(), undefined);
    breaker.succeeded(trying);
    begun(breaker);
  });
});
