/** What the embedded task store promises beyond the contract: bounded reads, remembered requests, tokens. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { limits } from '@connections/runtime';
import { TestClock } from '@connections/testing';
import { EmbeddedTasks } from '../src/driver/embedded/embedded-tasks.ts';
import type { TaskQuery, TaskState } from '../src/port/tasks.ts';
import { openWatchedStore } from './watched-store.ts';

const { signal } = new AbortController();
const ref = (id: string) => ({ namespace: 'n', category: 'c', id });
const state: TaskState = {
  status: 'accepted',
  code: 202,
  message: '',
  data: new Map([['import_name', 'people']]),
};
const by = (requestId?: string) => ({ requestId, principal: 'ann', allowBuffered: false });
const putting = (requestId?: string) => ({ ...by(requestId), ifAbsent: false });
const patching = (requestId?: string) => ({ ...by(requestId), expectedRevision: undefined });

async function openTasks(context: TestContext) {
  const clock = new TestClock();
  const store = await openWatchedStore(context);
  return { store, clock, tasks: new EmbeddedTasks(store, clock) };
}

const filters = [undefined, 'given'].flatMap((category) =>
  [undefined, 'given'].flatMap((importName) =>
    [undefined, 'given'].map((status) => ({ category, importName, status })),
  ),
);

describe('the embedded task store', () => {
  it('examines no more than a page of entries for any filter, however many tasks there are', async (context) => {
    const { store, tasks } = await openTasks(context);
    const query = (filter: (typeof filters)[number]): TaskQuery => ({
      namespace: 'n',
      category: filter.category && 'c',
      importName: filter.importName && 'people',
      status: filter.status && 'accepted',
    });
    const bounds = { after: undefined, limit: 10, maxBytes: 1_000_000 };
    // The ones asked for are the oldest: a scan would meet all others first.
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => tasks.put(ref(`t${at}`), state, putting(), signal)),
    );
    const other = { ...state, status: 'other', data: new Map([['import_name', 'places']]) };
    await Promise.all(
      Array.from({ length: 600 }, (_, at) =>
        tasks.put({ ...ref(`o${at}`), category: 'd' }, other, putting(), signal),
      ),
    );
    for (const filter of filters) {
      store.takeReads();
      const page = await tasks.list(query(filter), bounds, signal);
      const reads = store.takeReads();
      assert.equal(page.tasks.length, 10);
      assert.ok(reads <= 2 * 11, `${JSON.stringify(filter)} read ${reads} entries`);
      await tasks.list(query(filter), { ...bounds, after: page.next }, signal);
      assert.ok(store.takeReads() <= 2 * 11);
    }
  });

  it('writes and reads one task at the same cost whatever else there is', async (context) => {
    const { store, tasks } = await openTasks(context);
    const costs: number[] = [];
    for (let round = 0; round < 3; round++) {
      const more = Array.from({ length: 200 }, (_, at) =>
        tasks.put(ref(`r${round}-${at}`), state, putting(), signal),
      );
      await Promise.all(more);
      await tasks.put(ref('t'), state, putting(), signal);
      store.takeReads();
      await tasks.patch(ref('t'), { status: `s${round}` }, patching(), signal);
      await tasks.get(ref('t'), { token: undefined, strong: false }, signal);
      costs.push(store.takeReads());
    }
    assert.deepEqual(costs, [costs[0], costs[0], costs[0]]);
  });

  it('leaves nothing of a removed task behind', async (context) => {
    const { store, tasks } = await openTasks(context);
    await tasks.put(ref('t'), state, putting(), signal);
    for (let at = 0; at < limits.transitions + 5; at++) {
      await tasks.patch(
        ref('t'),
        { status: `s${at}`, ...(at % 7 === 0 && { data: dataOf(at) }) },
        patching(),
        signal,
      );
    }
    await tasks.remove(ref('t'), by(), signal);
    for (const name of ['tasks', 'task-transitions', 'task-lists', 'task-removal-answers']) {
      assert.deepEqual([...store.table(name).keys({})], [], name);
    }
  });

  it('counts the fields that no reply shows among the bytes of a page', async (context) => {
    const { tasks } = await openTasks(context);
    for (let at = 0; at < 4; at++) {
      await tasks.put(ref(`t${at}`), state, putting(), signal);
      const fields = new Map([['blob', 'x'.repeat(1_000)]]);
      await tasks.patch(ref(`t${at}`), { fields }, patching(), signal);
    }
    const all = { namespace: 'n', category: undefined, importName: undefined, status: undefined };
    const page = await tasks.list(all, { after: undefined, limit: 10, maxBytes: 2_500 }, signal);
    assert.equal(page.tasks.length, 2);
  });

  it('answers a repeated removal as it did first', async (context) => {
    const { tasks, clock } = await openTasks(context);
    await tasks.put(ref('t'), state, putting(), signal);
    const remove = async (requestId: string) => (await tasks.remove(ref('t'), by(requestId), signal)).removed;
    assert.deepEqual([await remove('r1'), await remove('r1'), await remove('r2')], [true, true, false]);
    await tasks.put(ref('t'), state, putting(), signal);
    await clock.advance(3_600_000);
    assert.deepEqual([await remove('r1'), await remove('r2')], [true, false]);
    assert.ok((await tasks.get(ref('t'), { token: undefined, strong: true }, signal)).task);
    assert.equal(await remove('r3'), true);
    assert.equal((await tasks.get(ref('t'), { token: undefined, strong: true }, signal)).task, undefined);
  });

  it('remembers the newest 16 384 removals, however many there are', async (context) => {
    const { store, tasks } = await openTasks(context);
    const remove = async (at: number) => (await tasks.remove(ref('t'), by(`r${at}`), signal)).removed;
    await Promise.all(Array.from({ length: 16_400 }, (_, at) => remove(at)));
    for (const name of ['task-removal-answers', 'task-removal-places']) {
      assert.equal([...store.table(name).keys({})].length, 16_384, name);
    }
    await tasks.put(ref('t'), state, putting(), signal);
    assert.deepEqual([await remove(16_399), await remove(16), await remove(15)], [false, false, true]);
  });

  it('knows the last 16 request ids of a task', async (context) => {
    const { tasks } = await openTasks(context);
    await tasks.put(ref('t'), state, putting('r0'), signal);
    for (let at = 1; at <= 16; at++) await tasks.patch(ref('t'), { code: at }, patching(`r${at}`), signal);
    const repeat = async (requestId: string) =>
      (await tasks.patch(ref('t'), { code: 500 }, patching(requestId), signal)).task.revision;
    assert.equal(await repeat('r1'), 17);
    assert.equal(await repeat('r0'), 18);
  });

  it('refuses a token or a cursor that it has not given', async (context) => {
    const { tasks } = await openTasks(context);
    const { token } = await tasks.put(ref('t'), state, putting(), signal);
    await tasks.get(ref('t'), { token, strong: false }, signal);
    for (const foreign of ['', 'x', `${token}0`]) {
      await assert.rejects(tasks.get(ref('t'), { token: foreign, strong: false }, signal), {
        status: 'INVALID_ARGUMENT',
      });
    }
    const query = { namespace: 'n', category: undefined, importName: undefined, status: undefined };
    for (const after of ['', 'x', '-1', '1.5', '99999999999999999999']) {
      await assert.rejects(tasks.list(query, { after, limit: 1, maxBytes: 1 }, signal), {
        reason: 'PAGE_TOKEN_INVALID',
      });
    }
  });

  it('refuses a patch that outgrows the bounds and keeps the task as it was', async (context) => {
    const { tasks } = await openTasks(context);
    await tasks.put(ref('t'), { ...state, message: 'x'.repeat(1_000_000) }, putting(), signal);
    const grow = { data: { replace: false, remove: [], set: new Map([['k', 'y'.repeat(100_000)]]) } };
    await assert.rejects(tasks.patch(ref('t'), grow, patching(), signal), { status: 'INVALID_ARGUMENT' });
    const { task } = await tasks.get(ref('t'), { token: undefined, strong: true }, signal);
    assert.deepEqual([task?.revision, task?.data.size], [1, 1]);
  });
});

function dataOf(at: number) {
  return { replace: false, remove: [], set: new Map([['import_name', `people${at}`]]) };
}
