/** A port with a call budget behaves as the port itself, and no call of it outlasts the budget. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { budgetedPort } from '@connections/runtime';
import { TestClock } from '@connections/testing';

/** Obeys its signal and does nothing else until it is told to. */
class Driver implements AsyncDisposable {
  readonly capabilities = { durable: true };
  readonly signals: AbortSignal[] = [];
  answer = (_: string) => {};

  ask(key: string, signal: AbortSignal): Promise<string> {
    this.signals.push(signal);
    return new Promise((resolve, reject) => {
      this.answer = (text) => resolve(`${key} ${text}`);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function bounded() {
  const clock = new TestClock();
  const driver = new Driver();
  return { clock, driver, port: budgetedPort('cache', driver, { clock, limitMs: 1_000 }) };
}

/** What a promise came to, once it did. */
function fate(promise: Promise<unknown>) {
  const outcome: { value?: unknown; error?: unknown } = {};
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.error = error),
  );
  return outcome;
}

describe('a port with a call budget', () => {
  it('ends a call that its store does not answer, and says which store that is', async () => {
    const { clock, port } = bounded();
    const call = fate(port.ask('k', new AbortController().signal));
    await clock.advance(1_000);
    assert.deepEqual(call, {});
    await clock.advance(50);
    const { error } = call as { error: { status: string; reason: string; message: string } };
    assert.deepEqual([error.status, error.reason], ['UNAVAILABLE', 'STORE_TIMEOUT']);
    assert.equal(error.message, 'the cache store did not answer within 1000 ms');
  });

  it('gives each call its own time', async () => {
    const { clock, port } = bounded();
    const first = fate(port.ask('a', new AbortController().signal));
    await clock.advance(600);
    const second = fate(port.ask('b', new AbortController().signal));
    await clock.advance(600);
    assert.ok(first.error);
    assert.deepEqual(second, {});
    await clock.advance(600);
    assert.ok(second.error);
  });

  it('counts the time of a busy event loop, not that of one which was held or a clock that was set', async () => {
    let now = 0;
    let tick = () => {};
    const clock = {
      now: () => now,
      after(_: number, task: () => void) {
        tick = task;
        return { [Symbol.dispose]() {} };
      },
    };
    const port = budgetedPort('cache', new Driver(), { clock, limitMs: 1_000 });
    const call = fate(port.ask('k', new AbortController().signal));
    const pass = async (ms: number) => {
      now += ms;
      tick();
      await new Promise(setImmediate);
    };
    for (const jump of [60_000, -60_000, 3_000]) await pass(jump);
    for (let ticks = 0; ticks < 9; ticks++) await pass(80);
    assert.deepEqual(call, {});
    for (let ticks = 0; ticks < 2; ticks++) await pass(80);
    assert.ok(call.error);
  });

  it('passes on the answer and the end of the caller, and does not start for one that has gone', async () => {
    const { clock, driver, port } = bounded();
    const answered = port.ask('k', new AbortController().signal);
    driver.answer('v');
    assert.equal(await answered, 'k v');
    const caller = new AbortController();
    const left = fate(port.ask('k', caller.signal));
    caller.abort(new Error('gone'));
    await clock.advance(50);
    assert.equal((left.error as Error).message, 'gone');
    await assert.rejects(port.ask('k', caller.signal), { message: 'gone' });
    assert.equal(driver.signals.length, 2);
  });

  it('aborts nothing that has ended, and has no timer while nothing is open', async () => {
    const { clock, driver, port } = bounded();
    let timers = 0;
    const after = clock.after.bind(clock);
    clock.after = (...timer) => {
      timers++;
      return after(...timer);
    };
    const caller = new AbortController();
    const answered = port.ask('k', caller.signal);
    driver.answer('v');
    await answered;
    caller.abort();
    await clock.advance(10_000);
    assert.equal(driver.signals[0]?.aborted, false);
    assert.equal(timers, 1);
  });

  it('has one timer for any number of calls', async () => {
    const { clock, port } = bounded();
    let timers = 0;
    const after = clock.after.bind(clock);
    clock.after = (...timer) => {
      timers++;
      return after(...timer);
    };
    const calls = Array.from({ length: 100 }, () => fate(port.ask('k', new AbortController().signal)));
    assert.equal(timers, 1);
    await clock.advance(1_100);
    assert.ok(calls.every(({ error }) => error !== undefined));
  });
});
