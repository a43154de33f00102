/** How many commits of one task are under way at once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommitLanes } from '../../src/dual-store/commit-lanes.ts';

const one = { namespace: 'default', category: 'c', id: 'a' };
const other = { ...one, id: 'b' };
const signal = new AbortController().signal;

/** Work that ends when it is told to. */
function heldWork() {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    begun,
    work: (name: string) => () =>
      new Promise<string>((resolve, reject) => {
        begun.push(name);
        ends.set(name, (error) => (error ? reject(error) : resolve(name)));
      }),
    end: (name: string, error?: Error) => ends.get(name)?.(error),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the lanes of a task', () => {
  it('are taken in the order of the calls, those of another task beside them', async () => {
    const { begun, work, end } = heldWork();
    const lanes = new CommitLanes(2);
    const calls = ['1', '2', '3', '4'].map((name) => lanes.take(one, signal, work(name)));
    const beside = lanes.take(other, signal, work('beside'));
    assert.deepEqual(begun, ['1', '2', 'beside']);
    end('2');
    await settled();
    assert.deepEqual(begun, ['1', '2', 'beside', '3']);
    end('1');
    end('3');
    await settled();
    end('4');
    end('beside');
    assert.deepEqual(await Promise.all([...calls, beside]), ['1', '2', '3', '4', 'beside']);
  });

  it('are free again after a failure', async () => {
    const { work, end } = heldWork();
    const lanes = new CommitLanes(1);
    const failed = lanes.take(one, signal, work('1'));
    const next = lanes.take(one, signal, work('2'));
    end('1', new Error('lost'));
    await assert.rejects(failed, /lost/);
    end('2');
    assert.equal(await next, '2');
  });

  it('do not wait for one who has left', async () => {
    const { begun, work, end } = heldWork();
    const lanes = new CommitLanes(1);
    const caller = new AbortController();
    const first = lanes.take(one, signal, work('1'));
    const left = lanes.take(one, caller.signal, work('2'));
    const last = lanes.take(one, signal, work('3'));
    caller.abort(new Error('gone'));
    await assert.rejects(left, /gone/);
    end('1');
    await first;
    await settled();
    assert.deepEqual(begun, ['1', '3']);
    end('3');
    await last;
  });
});
