/** What tasks on MongoDB promise when their writes go together: fewer commands, and of every write the outcome that it had. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mongoMissing } from '@connections/testing';
import { mongoServer } from './mongo-ports.ts';
import {
  adding,
  by,
  creating,
  openObserved,
  patching,
  putting,
  reading,
  ref,
  said,
  state,
} from './observed-tasks.ts';

const { signal } = new AbortController();

describe('writes of tasks that go together', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const open = async (context: TestContext) => openObserved(context, await server());

  it('are one command and one read for the tasks of a turn, each answered as it became', async (context) => {
    const { tasks, seen, get } = await open(context);
    const ids = Array.from({ length: 20 }, (_, at) => at);
    const made = await Promise.all(ids.map((id) => tasks.put(ref(id), state, creating(), signal)));
    assert.ok(made.every(({ created, task }) => created && task.revision === 1));
    assert.deepEqual(seen, ['bulkWrite 20', 'find']);
    const patched = await Promise.all(
      ids.map((id) => tasks.patch(ref(id), adding('k', `${id}`), patching(), signal)),
    );
    assert.deepEqual(
      patched.map(({ task, created }) => [task.id, task.revision, task.data.get('k'), created]),
      ids.map((id) => [`${id}`, 2, `${id}`, false]),
    );
    assert.deepEqual(
      await Promise.all(ids.map(get)),
      patched.map(({ task }) => task),
    );
  });

  it('are one operation where there is one, and where they meet on one task', async (context) => {
    const { tasks, seen, make } = await open(context);
    await make('a', 'b');
    await tasks.patch(ref('a'), adding('k'), patching(), signal);
    assert.deepEqual(seen.splice(0), ['findOneAndUpdate']);
    const keys = Array.from({ length: 12 }, (_, at) => `k${at}`);
    const answers = await Promise.all(
      keys.map((key) => tasks.patch(ref('b'), adding(key), patching(), signal)),
    );
    assert.ok(seen.every((command) => command === 'findOneAndUpdate'));
    assert.deepEqual(new Set(answers.map(({ task }) => task.revision)), new Set(keys.map((_, at) => at + 2)));
    for (const { task } of answers) assert.equal(task.data.size, task.revision - 1);
  });

  it('are split by their number, by their bytes, and by the collection they go to', async (context) => {
    const { tasks, seen } = await open(context);
    const put = (at: number, namespace: string, message = '') =>
      tasks.put(ref(at, namespace), { ...state, message }, putting(), signal);
    // What becomes of them is not asked: on a slow machine the last come after their deadline.
    await Promise.allSettled([
      ...Array.from({ length: 130 }, (_, at) => put(at, 'default')),
      ...Array.from({ length: 4 }, (_, at) => put(at, at % 2 === 0 ? 'm' : 'n')),
    ]);
    assert.deepEqual(bulks(seen.splice(0)), [128, 2, 4]);
    const large = 'x'.repeat(1_000_000);
    await Promise.allSettled(Array.from({ length: 6 }, (_, at) => put(at, 'large', large)));
    assert.deepEqual(bulks(seen.splice(0)), [4, 2]);
  });

  it('have each its own outcome', async (context) => {
    const { tasks, get, make } = await open(context);
    await make('plain', 'repeated', 'newer', 'large', 'there', 'replaced');
    await tasks.patch(ref('repeated'), adding('k'), patching('r1'), signal);
    await tasks.patch(ref('large'), { message: 'x'.repeat(1_000_000) }, patching(), signal);
    const outcomes = await Promise.all(
      [
        tasks.patch(ref('plain'), adding('k'), patching(), signal),
        tasks.patch(ref('repeated'), adding('other'), patching('r1'), signal),
        tasks.patch(ref('newer'), adding('k'), { ...by(), expectedRevision: 7 }, signal),
        tasks.patch(ref('large'), adding('k', 'y'.repeat(100_000)), patching(), signal),
        tasks.patch(ref('missing'), adding('k'), patching(), signal),
        tasks.put(ref('there'), state, creating(), signal),
        tasks.put(ref('replaced'), state, putting(), signal),
        tasks.put(ref('new'), state, creating('r2'), signal),
      ].map(said),
    );
    assert.deepEqual(outcomes, [
      'revision 2',
      'revision 2',
      'TASK_REVISION_CONFLICT',
      'INVALID_REQUEST',
      'TASK_NOT_FOUND',
      'TASK_EXISTS',
      'revision 2',
      'revision 1',
    ]);
    const after = await Promise.all(['repeated', 'newer', 'large', 'there'].map(get));
    assert.deepEqual(
      after.map((task) => [task?.revision, task?.data.size]),
      [
        [2, 1],
        [1, 0],
        [2, 0],
        [1, 0],
      ],
    );
    assert.equal(await get('missing'), undefined);
  });

  it('wait for the batch that their task is in', async (context) => {
    const { tasks, seen, between, make } = await open(context);
    await make('a', 'b');
    const later: Promise<string>[] = [];
    const gone = new AbortController();
    between.push(async () => {
      later.push(said(tasks.patch(ref('a'), adding('2'), patching(), signal)));
      later.push(said(tasks.patch(ref('b'), adding('3'), patching(), gone.signal)));
      await new Promise(setImmediate);
      gone.abort(new Error('gone'));
    });
    const first = await Promise.all(
      ['a', 'b'].map((id) => said(tasks.patch(ref(id), adding('1'), patching(), signal))),
    );
    assert.deepEqual(first, ['revision 2', 'revision 2']);
    // Whoever gives up what waits knows that nothing came of it.
    assert.deepEqual(await Promise.all(later), ['revision 3', 'gone']);
    assert.deepEqual(seen, ['bulkWrite 2', 'find', 'findOneAndUpdate']);
    assert.equal((await tasks.get(ref('b'), reading, signal)).task?.data.has('3'), false);
  });

  it('are known by their trace when another process writes before they are read', async (context) => {
    const { tasks, other, between, make } = await open(context);
    await make('a');
    const foreign = async (id: string, times: number) => {
      for (let at = 0; at < times; at++) {
        await other.patch(ref(id), adding(`foreign ${at}`), patching(), signal);
      }
    };
    between.push(() => Promise.all([foreign('a', 1), foreign('new', 7)]));
    const [patched, put] = await Promise.all([
      tasks.patch(ref('a'), adding('k'), patching(), signal),
      tasks.put(ref('new'), state, putting(), signal),
    ]);
    assert.deepEqual([patched.task.revision, [...patched.task.data.keys()]], [3, ['k', 'foreign 0']]);
    assert.deepEqual([put.task.revision, put.created], [8, true]);
  });

  it('are unknown when another process left no trace of them, and are not made twice', async (context) => {
    const { tasks, other, between, get, make } = await open(context);
    await make('a', 'b', 'c');
    between.push(async () => {
      for (const id of ['a', 'new']) await other.remove(ref(id), by(), signal);
      for (let at = 0; at < 8; at++) await other.patch(ref('b'), adding(`${at}`), patching(), signal);
    });
    const outcomes = await Promise.all([
      said(tasks.patch(ref('a'), adding('k'), patching('r1'), signal)),
      said(tasks.patch(ref('b'), adding('k'), patching(), signal)),
      said(tasks.put(ref('new'), state, putting('r2'), signal)),
      said(tasks.patch(ref('c'), adding('k'), patching(), signal)),
    ]);
    assert.deepEqual(outcomes, ['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN', 'revision 2']);
    assert.deepEqual(
      [await get('a'), await get('new'), (await get('b'))?.revision],
      [undefined, undefined, 10],
    );
  });
});

function bulks(seen: readonly string[]): number[] {
  return seen.flatMap((command) => {
    const count = /^bulkWrite (\d+)$/.exec(command)?.[1];
    return count === undefined ? [] : [Number(count)];
  });
}
