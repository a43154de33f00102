/** What becomes of tasks' writes that went together when they are late, or their server is gone, frozen or says too little. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { budgetedPort, systemClock } from '@connections/runtime';
import { eventually, mongoMissing } from '@connections/testing';
import type { Document } from 'mongodb';
import { mongoServer } from './mongo-ports.ts';
import { adding, creating, openObserved, patching, putting, ref, said, state } from './observed-tasks.ts';

const { signal } = new AbortController();

describe('writes of tasks that go together on a failing MongoDB', {
  skip: mongoMissing({ failPoints: true }) ?? false,
}, () => {
  const server = mongoServer({ failPoints: true });
  const open = async (context: TestContext) => openObserved(context, await server());

  it('do nothing after their deadline', async (context) => {
    const { tasks, link, seen, make, db } = await open(context);
    await make('a');
    const overdue = Date.now() - 60_000;
    Object.defineProperty(link, 'writeDeadline', { value: () => overdue, configurable: true });
    const outcomes = await Promise.all([
      said(tasks.patch(ref('a'), adding('k'), patching(), signal)),
      said(tasks.put(ref('new'), state, putting(), signal)),
      said(tasks.put(ref('other'), state, creating('r1'), signal)),
    ]);
    assert.deepEqual(new Set(outcomes), new Set(['STORE_UNREACHABLE']));
    assert.equal(seen[0], 'bulkWrite 3');
    assert.deepEqual(await db.collection('tasks').distinct('task_id'), ['a']);
  });

  for (const [what, data] of Object.entries({
    'the connection breaks': { closeConnection: true },
    'the server stops': { errorCode: 91 },
    'the primary steps down': { errorCode: 10_107 },
    'they are made and the majority is late': {
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    },
    'they are made and the server cannot promise more': {
      writeConcernError: { code: 100, errmsg: 'not enough data-bearing nodes' },
    },
  })) {
    it(`have one effect each with their request ids when ${what}`, async (context) => {
      const { tasks, seen, make, db } = await open(context);
      await make(1, 2, 3);
      await db.admin().command({
        configureFailPoint: 'failCommand',
        mode: { times: 2 },
        data: { failCommands: ['update'], ...data },
      });
      const outcomes = await Promise.all(
        [1, 2, 3, 4].map((id) =>
          said(
            id === 4
              ? tasks.put(ref(id), state, putting('r'), signal)
              : tasks.patch(ref(id), adding('k'), patching('r'), signal),
          ),
        ),
      );
      assert.equal(seen[0], 'bulkWrite 4');
      assert.deepEqual(outcomes, ['revision 2', 'revision 2', 'revision 2', 'revision 1']);
    });
  }

  it('are looked for without a request id when the server did not say what it did', async (context) => {
    const { tasks, make, db } = await open(context);
    await make(1, 2);
    const failing = (data: Document) =>
      db.admin().command({
        configureFailPoint: 'failCommand',
        mode: { times: 2 },
        data: { failCommands: ['update'], ...data },
      });
    const both = () =>
      Promise.all([1, 2].map((id) => said(tasks.patch(ref(id), adding('k'), patching(), signal))));
    await failing({ writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } });
    assert.deepEqual(await both(), ['revision 2', 'revision 2']);
    await failing({ closeConnection: true });
    assert.deepEqual(await both(), ['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
  });

  it('end with their budget on a frozen server, and those that waited for them were never sent', async (context) => {
    const { tasks, make, get } = await open(context);
    await make('a', 'b');
    const budgeted = (limitMs: number) => budgetedPort('task', tasks, { clock: systemClock, limitMs });
    const frozen = await server();
    frozen.freeze();
    try {
      const together = ['a', 'b'].map((id) =>
        said(budgeted(1_000).patch(ref(id), adding('k'), patching(), signal)),
      );
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      const later = said(budgeted(200).patch(ref('a'), adding('later'), patching(), signal));
      assert.equal(await later, 'STORE_TIMEOUT');
      assert.deepEqual(await Promise.all(together), ['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
    } finally {
      frozen.thaw();
    }
    await eventually(() => tasks.patch(ref('a'), adding('again'), patching('r'), signal));
    assert.equal((await get('a'))?.data.has('later'), false);
  });

  it('end each with the signal of its caller', async (context) => {
    const { tasks, between, make, get } = await open(context);
    await make('a', 'b');
    const gone = new AbortController();
    between.push(async () => gone.abort(new Error('gone')));
    const outcomes = await Promise.all([
      said(tasks.patch(ref('a'), adding('k'), patching(), gone.signal)),
      said(tasks.patch(ref('b'), adding('k'), patching(), signal)),
    ]);
    assert.deepEqual(outcomes, ['gone', 'revision 2']);
    assert.equal((await get('a'))?.revision, 2);
  });
});
