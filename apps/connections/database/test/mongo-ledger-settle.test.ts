/** How a buffer comes home on MongoDB: whole, onto what was seen and nothing else, whoever comes between. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mongoMissing } from '@connections/testing';
import type { Settlement } from '../src/port/task-ledger.ts';
import {
  openLedgerFor,
  openWatched,
  patching,
  patient,
  putting,
  refTo,
  removing,
  settling,
  taskTo,
} from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const ref = refTo('t');
const page = { after: undefined, limit: 10, maxBytes: 100_000 };
const all = { namespace: 'default', category: undefined, importName: undefined, status: undefined };

describe('a settlement on MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const open = async (context: TestContext) => {
    const opened = await openLedgerFor(context, await server());
    const watched = await openWatched(opened.url);
    context.after(() => watched[Symbol.asyncDispose]());
    const { ledger, commit, read } = opened;
    const settle = (settlement: Settlement) => ledger.settle(ref, settlement, patient);
    /** By the watched ledger. */
    const settleAfter = (...between: (() => Promise<unknown>)[]) => {
      watched.between.push(...between);
      return async (settlement: Settlement) => watched.ledger.settle(ref, settlement, patient);
    };
    const make = async () => {
      await commit(ref, putting('r1'));
      const record = await read(ref);
      assert.ok(record);
      return record.task;
    };
    return { ...opened, watched, settle, settleAfter, make };
  };

  it('counts each operation, keeps their marks, and notes the changes of status', async (context) => {
    const { settle, make, read, ledger } = await open(context);
    const before = await make();
    const transitions = [
      { revision: 3, at: 1_000, status: 'done', code: 200, message: 'é'.repeat(600), principal: 'bob' },
    ];
    const operations = ['a', 'b'].map((name) => ({ requestId: `r ${name}`, mark: `m ${name}` }));
    const settlement = {
      on: { stamp: before },
      task: { ...before, status: 'done' },
      operations,
      transitions,
    };
    assert.equal(await settle(settlement), true);
    const record = await read(ref);
    assert.deepEqual(record?.ring, [
      { revision: 1, requestId: 'r1' },
      { revision: 2, requestId: 'r a', mark: 'm a' },
      { revision: 3, requestId: 'r b', mark: 'm b' },
    ]);
    const { createdAt, incarnation, revision, status } = record.task;
    assert.deepEqual(
      [createdAt, incarnation, revision, status],
      [before.createdAt, before.incarnation, 3, 'done'],
    );
    const [created, done, ...more] = (await ledger.transitions(ref, patient)) ?? [];
    assert.deepEqual([created?.status, more], ['running', []]);
    assert.deepEqual(done, { ...transitions[0], message: 'é'.repeat(512) });
    assert.equal(await settle(settlement), false);
  });

  it('keeps any key and any field apart from its own names, and what other programs keep there', async (context) => {
    const { settle, make, read, db } = await open(context);
    const before = await make();
    const foreign = { seen: new Date(5), count: 7, note: 'gone' };
    await db.collection('tasks').updateOne({}, { $set: foreign });
    const texts = new Map([
      ['$id', '1'],
      ['a.b', '2'],
      ['nul\0', '3'],
      ['plain', '$status'],
      ['cs', '4'],
      ['_id', '5'],
    ]);
    const task = { ...before, data: texts, fields: texts, importName: 'default' };
    assert.equal(await settle(settling({ stamp: before }, task)), true);
    const { data, fields } = (await read(ref))?.task ?? {};
    assert.deepEqual(
      [new Map([...(data ?? [])].sort()), new Map([...(fields ?? [])].sort())],
      [new Map([...texts].sort()), new Map([...texts].sort())],
    );
    const left = await db.collection('tasks').findOne({ task_id: 't' });
    assert.deepEqual([left?.seen, left?.count, left?.note], [foreign.seen, 7, undefined]);
  });

  it('comes home onto a task of the first implementation, whatever its _id', async (context) => {
    const { settle, db, ledger, read } = await open(context);
    const old = {
      _id: 'text' as never,
      task: 'validation',
      task_id: 't',
      status: 's',
      code: '7',
      message: '',
      data: {},
    };
    await db.collection('tasks').insertOne(old);
    const { record } = await ledger.account(ref, patient);
    assert.ok(record);
    assert.equal(await settle(settling({ stamp: record.task }, taskTo(ref, { status: 'home' }))), true);
    const { incarnation, revision, status } = (await read(ref))?.task ?? {};
    assert.deepEqual([incarnation, revision, status], ['text', 2, 'home']);
  });

  it('does nothing after its deadline', async (context) => {
    const { settle, make, read, link, ledger } = await open(context);
    const before = await make();
    const overdue = Date.now() - 60_000;
    Object.defineProperty(link, 'writeDeadline', { value: () => overdue });
    assert.equal(await settle(settling({ stamp: before }, before)), false);
    assert.equal(await settle(settling({ stamp: before }, undefined)), false);
    assert.equal((await read(ref))?.task.revision, 1);
    const unseen = refTo('new');
    for (const task of [taskTo(unseen), undefined]) {
      assert.equal(await ledger.settle(unseen, settling({ removal: undefined }, task), patient), false);
    }
    assert.deepEqual(await ledger.account(unseen, patient), { record: undefined, removal: undefined });
  });

  it('creates nothing over a removal that came between', async (context) => {
    const { settleAfter, commit, ledger, read } = await open(context);
    const blind = settling({ removal: undefined }, taskTo(ref));
    assert.equal(await settleAfter(() => commit(ref, removing('r1')))(blind), false);
    const { removal } = await ledger.account(ref, patient);
    assert.equal(removal?.requestId, 'r1');
    assert.equal(await read(ref), undefined);
    assert.equal(await ledger.settle(ref, blind, patient), false, 'the removal before it was not seen');
    assert.equal(await ledger.settle(ref, settling({ removal: removal?.id }, taskTo(ref)), patient), true);
  });

  it('creates nothing over a put that came between, also when that was removed again', async (context) => {
    const { settleAfter, watched, commit, read } = await open(context);
    const blind = settling({ removal: undefined }, taskTo(ref));
    const put = () => commit(ref, putting('r1', 'between', { ifAbsent: true }));
    assert.equal(await settleAfter(put)(blind), false);
    assert.deepEqual(
      [(await read(ref))?.task.message, (await read(ref))?.ring],
      ['between', [{ revision: 1, requestId: 'r1' }]],
    );
    const other = refTo('other');
    const blindToo = settling({ removal: undefined }, taskTo(other));
    watched.between.push(async () => {
      await commit(other, putting('r1'));
      await commit(other, removing('r2'));
    });
    assert.equal(await watched.ledger.settle(other, blindToo, patient), false);
    assert.equal(await read(other), undefined);
  });

  it('shows its reservation to no reader, and to no write but as a task that is not there', async (context) => {
    const { settleAfter, commit, read, ledger, db } = await open(context);
    const seen: unknown[] = [];
    const look = async () => {
      assert.equal(await db.collection('tasks').countDocuments({ task_id: 't' }), 1);
      seen.push(await read(ref), await ledger.account(ref, patient), await ledger.transitions(ref, patient));
      seen.push((await ledger.list(all, page, patient)).tasks.length);
      const patched = await commit(ref, patching('r1', { message: 'no' }));
      seen.push(patched.outcome === 'REFUSED' && (patched.error as { reason?: string }).reason);
    };
    assert.equal(await settleAfter(look)(settling({ removal: undefined }, taskTo(ref))), true);
    assert.deepEqual(seen, [
      undefined,
      { record: undefined, removal: undefined },
      undefined,
      0,
      'TASK_NOT_FOUND',
    ]);
    assert.equal((await read(ref))?.task.revision, 1);
  });

  it('takes over the reservation of a process that died, and leaves none where it saw a removal', async (context) => {
    const { settleAfter, settle, commit, read, db } = await open(context);
    const died = settleAfter(() => Promise.reject(new Error('died')));
    await assert.rejects(died(settling({ removal: undefined }, taskTo(ref, { message: 'first' }))), /died/);
    assert.equal(await db.collection('tasks').countDocuments({ task_id: 't' }), 1);
    assert.equal(await settle(settling({ removal: undefined }, taskTo(ref, { message: 'second' }))), true);
    assert.equal((await read(ref))?.task.message, 'second');
    await commit(ref, removing('r1'));
    assert.equal(await settle(settling({ removal: 'another' }, taskTo(ref))), false);
    assert.equal(await db.collection('tasks').countDocuments({ task_id: 't' }), 0);
  });

  it('creates a task once when four come home at once', async (context) => {
    const { ledger, read } = await open(context);
    const settlements = ['a', 'b', 'c', 'd'].map((name) =>
      settling({ removal: undefined }, taskTo(ref), name),
    );
    for (let tries = 0; !(await read(ref)); tries++) {
      assert.ok(tries < 20);
      const homes = await Promise.all(settlements.map((each) => ledger.settle(ref, each, patient)));
      assert.ok(homes.filter((home) => home).length <= 1);
    }
    assert.equal((await read(ref))?.ring.length, 1);
  });

  it('removes once by one request id, and puts what came before it home all the same', async (context) => {
    const { settle, make, read, commit, ledger } = await open(context);
    await make();
    await commit(ref, removing('gone'));
    await make();
    const record = await read(ref);
    assert.ok(record);
    const alone = settling({ stamp: record.task }, undefined, 'gone');
    assert.equal(await settle(alone), true);
    assert.deepEqual(await read(ref), record, 'it had its effect before');
    const operations = [{ requestId: 'r3', mark: 'm3' }, ...alone.operations];
    assert.equal(await settle({ ...alone, operations }), true);
    const { removal } = await ledger.account(ref, patient);
    assert.deepEqual([removal?.requestId, removal?.mark], ['gone', 'm gone']);
  });
});
