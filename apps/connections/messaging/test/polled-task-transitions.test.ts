/** Waiting for a task to move, by reading it. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, it } from 'node:test';
import { TestClock } from '@connections/testing';
import { PolledTaskTransitions } from '../src/driver/grpc-tasks/polled-task-transitions.ts';

const task = { category: 'validation', id: 'a' };

function polled(read: () => Promise<string | undefined>) {
  const clock = new TestClock();
  const reads: number[] = [];
  const start = clock.now();
  const transitions = new PolledTaskTransitions(async () => {
    reads.push(clock.now() - start);
    return read();
  }, clock);
  const cancel = new AbortController();
  const wait = async () => {
    let left = false;
    let seen = false;
    const watched = transitions.watch(task, cancel.signal);
    watched.then(
      () => {
        seen = true;
      },
      () => {},
    );
    const done = watched.then(async (watch) => {
      await watch.left;
      left = true;
    });
    done.catch(() => {});
    // The first read has been answered then, and the clock knows of the next.
    await new Promise(setImmediate);
    return { done, wasSeen: () => seen, hasLeft: () => left };
  };
  return { clock, reads, wait, cancel };
}

describe('polled task transitions', () => {
  it('resolves when the status is another than the first that was read', async () => {
    let status = 'accepted';
    const { clock, wait } = polled(async () => status);
    const waiting = await wait();
    await clock.advance(10_000);
    assert.equal(waiting.hasLeft(), false);
    status = 'processing-file';
    await clock.advance(1_000);
    await waiting.done;
  });

  it('waits for a task that is not there yet, and takes its removal for a move', async () => {
    let status: string | undefined;
    const { clock, wait } = polled(async () => status);
    const waiting = await wait();
    await clock.advance(1_000);
    status = 'accepted';
    await clock.advance(1_000);
    assert.equal(waiting.hasLeft(), false);
    status = undefined;
    await clock.advance(1_000);
    await waiting.done;
  });

  it('asks again when the store cannot answer', async () => {
    let answers = 0;
    const { clock, wait } = polled(async () => {
      answers += 1;
      if (answers < 4) throw new Error('away');
      return answers === 4 ? 'accepted' : 'completed';
    });
    const waiting = await wait();
    await clock.advance(100);
    assert.equal(waiting.wasSeen(), false);
    await clock.advance(900);
    assert.deepEqual([waiting.wasSeen(), waiting.hasLeft()], [true, false]);
    await clock.advance(5_000);
    await waiting.done;
  });

  it('reads less and less often, at least once a second', async () => {
    const { clock, reads, wait, cancel } = polled(async () => 'accepted');
    await wait();
    await clock.advance(4_000);
    assert.deepEqual(reads, [0, 100, 300, 700, 1_500, 2_500, 3_500]);
    cancel.abort();
  });

  it('reads a task once, however many wait for it', async () => {
    let status = 'accepted';
    const { clock, reads, wait } = polled(async () => status);
    const waiting = [await wait(), await wait(), await wait()];
    await clock.advance(1_000);
    assert.equal(reads.length, 4);
    status = 'completed';
    await clock.advance(1_000);
    await Promise.all(waiting.map(({ done }) => done));
  });

  it('reads on behalf of no single stream, in whose trace each read would be a span', async () => {
    const streams = new AsyncLocalStorage<string>();
    const readers: unknown[] = [];
    const { clock, wait, cancel } = polled(async () => {
      readers.push(streams.getStore());
      return 'accepted';
    });
    await streams.run('first', wait);
    await streams.run('second', wait);
    await clock.advance(100);
    assert.deepEqual(readers, [undefined, undefined]);
    cancel.abort();
  });

  it('stops reading when nobody waits any more', async () => {
    const { clock, reads, wait, cancel } = polled(async () => 'accepted');
    const { done } = await wait();
    await clock.advance(100);
    cancel.abort(new Error('enough'));
    await assert.rejects(done, /enough/);
    const before = reads.length;
    await clock.advance(10_000);
    assert.equal(reads.length, before);
  });
});
