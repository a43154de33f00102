/** An ending tells what an AbortSignal tells, and makes one only for who asks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abortSignalOf, CallEnding, type Ending } from '@connections/grpc';

const gone = new Error('gone');

describe('the ending of a call', () => {
  it('tells each listener once, with the first reason', () => {
    const ending = new CallEnding();
    const told: unknown[] = [];
    for (const name of ['a', 'b', 'c']) {
      ending.addEventListener('abort', () => told.push([name, ending.aborted, ending.reason]));
    }
    assert.deepEqual([ending.aborted, ending.reason], [false, undefined]);
    ending.throwIfAborted();
    ending.abort(gone);
    ending.abort(new Error('again'));
    assert.deepEqual(told.sort(), [
      ['a', true, gone],
      ['b', true, gone],
      ['c', true, gone],
    ]);
    assert.throws(() => ending.throwIfAborted(), gone);
  });

  it('tells nobody who has left, nor who comes when it is over', () => {
    const ending = new CallEnding();
    const never = () => assert.fail('told');
    const others = [() => assert.fail('told'), () => assert.fail('told')];
    for (const listener of [never, ...others]) ending.addEventListener('abort', listener);
    for (const listener of [...others, never]) ending.removeEventListener('abort', listener);
    let told = 0;
    ending.addEventListener('abort', () => {
      told++;
      ending.removeEventListener('abort', never);
    });
    ending.addEventListener('abort', never);
    ending.abort(gone);
    assert.equal(told, 1);
    ending.addEventListener('abort', never);
    ending.abort(gone);
  });

  it('is the same AbortSignal for all who ask, before it ends and after', () => {
    const ending = new CallEnding();
    const { signal } = ending;
    assert.ok(signal instanceof AbortSignal);
    assert.equal(ending.signal, signal);
    ending.abort(gone);
    assert.equal(signal.reason, gone);
    const over = new CallEnding();
    over.abort(gone);
    assert.equal(over.signal.reason, gone);
  });

  it('becomes an AbortSignal whatever it is', () => {
    const controller = new AbortController();
    assert.equal(abortSignalOf(controller.signal), controller.signal);
    const ending = new CallEnding();
    assert.equal(abortSignalOf(ending), ending.signal);
    const foreign: Ending = {
      get aborted() {
        return ending.aborted;
      },
      get reason() {
        return ending.reason;
      },
      throwIfAborted: () => ending.throwIfAborted(),
      addEventListener: (type, listener) => ending.addEventListener(type, listener),
      removeEventListener: (type, listener) => ending.removeEventListener(type, listener),
    };
    const before = abortSignalOf(foreign);
    assert.equal(before.aborted, false);
    ending.abort(gone);
    assert.equal(before.reason, gone);
    assert.equal(abortSignalOf(foreign).reason, gone);
  });
});
