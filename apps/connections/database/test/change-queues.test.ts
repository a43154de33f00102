/** Changes that wait for each other and then go together. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ChangeQueues, type Outcome } from '../src/driver/mongo/change-queues.ts';

const never = new AbortController().signal;
const gone = new Error('gone');
const open = (pending: Promise<unknown>) =>
  pending.then(
    (answer) => answer,
    (error) => error,
  );

/** Queues of texts, whose commits end when the test says how. */
function heldQueues() {
  const commits: {
    readonly ref: string;
    readonly changes: readonly string[];
    readonly signal: AbortSignal;
    readonly end: (outcomes: readonly Outcome[]) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const queues = new ChangeQueues<string, string>({
    keyOf: (ref) => ref,
    carryOut: (ref, changes, signal) =>
      new Promise((end, fail) => {
        commits.push({ ref, changes, signal, end, fail });
      }),
    abandoned: (reason) => ({ abandoned: reason }),
  });
  return { queues, commits };
}

describe('changes of one thing', () => {
  it('go together when they come together, and those that come meanwhile go next', async () => {
    const { queues, commits } = heldQueues();
    const first = ['a', 'b'].map((change) => queues.submit('x', change, never));
    await turn();
    const second = ['c', 'd'].map((change) => queues.submit('x', change, never));
    await turn();
    assert.deepEqual(
      commits.map(({ changes }) => changes),
      [['a', 'b']],
    );
    commits[0]?.end([{ answer: 1 }, { answer: 2 }]);
    assert.deepEqual(await Promise.all(first), [1, 2]);
    await turn();
    commits[1]?.end([{ answer: 3 }, { error: gone }]);
    assert.deepEqual(await Promise.all(second.map(open)), [3, gone]);
    assert.deepEqual(
      commits.map(({ changes }) => changes),
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    );
  });

  it('wait on when they did not go with the others, before those that came later', async () => {
    const { queues, commits } = heldQueues();
    const calls = ['a', 'b', 'c'].map((change) => queues.submit('x', change, never));
    await turn();
    calls.push(queues.submit('x', 'd', never));
    commits[0]?.end([{ answer: 1 }]);
    await turn();
    assert.deepEqual(commits[1]?.changes, ['b', 'c', 'd']);
    commits[1]?.end([{ answer: 2 }, { answer: 3 }, { answer: 4 }]);
    assert.deepEqual(await Promise.all(calls), [1, 2, 3, 4]);
  });

  it('do not wait for those of another', async () => {
    const { queues, commits } = heldQueues();
    void queues.submit('x', 'a', never);
    void queues.submit('y', 'b', never);
    await turn();
    assert.deepEqual(
      commits.map(({ ref }) => ref),
      ['x', 'y'],
    );
  });

  it('are not begun when their caller has gone', async () => {
    const { queues, commits } = heldQueues();
    const caller = new AbortController();
    void queues.submit('x', 'a', never);
    await turn();
    const waiting = queues.submit('x', 'b', caller.signal);
    const last = queues.submit('x', 'c', never);
    caller.abort(gone);
    assert.equal(await open(waiting), gone);
    assert.equal(await open(queues.submit('x', 'd', caller.signal)), gone);
    commits[0]?.end([{ answer: 1 }]);
    await turn();
    assert.deepEqual(commits[1]?.changes, ['c']);
    commits[1]?.end([{ answer: 2 }]);
    assert.equal(await last, 2);
  });

  it('are abandoned when their caller goes meanwhile, and given up with the last of them', async () => {
    const { queues, commits } = heldQueues();
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [queues.submit('x', 'a', one.signal), queues.submit('x', 'b', two.signal)];
    await turn();
    one.abort(gone);
    assert.deepEqual(await open(calls[0] as Promise<unknown>), { abandoned: gone });
    assert.equal(commits[0]?.signal.aborted, false);
    two.abort(gone);
    assert.equal(commits[0]?.signal.reason, gone);
    commits[0]?.end([{ answer: 1 }, { answer: 2 }]);
    assert.deepEqual(await open(calls[1] as Promise<unknown>), { abandoned: gone });
  });

  it('fail together when the commit does, and not those that come later', async () => {
    const { queues, commits } = heldQueues();
    const calls = ['a', 'b'].map((change) => queues.submit('x', change, never));
    await turn();
    const later = queues.submit('x', 'c', never);
    commits[0]?.fail(gone);
    assert.deepEqual(await Promise.all(calls.map(open)), [gone, gone]);
    await turn();
    commits[1]?.end([{ answer: 3 }]);
    assert.equal(await later, 3);
  });

  it('are refused when too many wait', async () => {
    const { queues } = heldQueues();
    for (let at = 0; at < 8_192; at++) void queues.submit(`x${at % 7}`, 'a', never);
    await assert.rejects(queues.submit('x', 'a', never), { reason: 'TOO_MANY_CALLS' });
  });
});
