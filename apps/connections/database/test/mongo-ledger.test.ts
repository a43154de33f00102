/** What each call of the ledger on MongoDB does, where the model does not say it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { failure } from '@connections/runtime/errors';
import { mongoMissing } from '@connections/testing';
import { type ClientSession, MongoNetworkError, Timestamp } from 'mongodb';
import { LedgerLimit } from '../src/driver/mongo/ledger-limit.ts';
import { committed } from '../src/driver/mongo/ledger-outcome.ts';
import { MongoCalls } from '../src/driver/mongo/mongo-calls.ts';
import { placeAt, streamToken } from '../src/driver/mongo/stream-place.ts';
import type { CommitOutcome } from '../src/port/task-ledger.ts';
import {
  longMs,
  openFeed,
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
import { mongoServer, openTasks } from './mongo-ports.ts';

const ref = refTo('t');

function recordOf(outcome: CommitOutcome) {
  assert.equal(outcome.outcome, 'COMMITTED', JSON.stringify(outcome));
  return outcome.outcome === 'COMMITTED' ? outcome.record : undefined;
}

function reasonOf(outcome: CommitOutcome): unknown {
  return outcome.outcome === 'COMMITTED' ? undefined : (outcome.error as { reason?: string }).reason;
}

describe('the ledger on MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const open = async (context: TestContext) => openLedgerFor(context, await server());

  it('answers a commit with the task and the 16 newest operations that made it', async (context) => {
    const { commit, ledger } = await open(context);
    for (let at = 1; at <= 18; at++) await commit(ref, putting(`r${at}`));
    const { record } = await ledger.account(ref, patient);
    assert.equal(record?.task.revision, 18);
    assert.deepEqual(
      record?.ring,
      Array.from({ length: 16 }, (_, at) => ({ revision: at + 3, requestId: `r${at + 3}` })),
    );
    const again = await commit(ref, putting('r5', 'again'));
    assert.deepEqual(again, { outcome: 'COMMITTED', record, changed: false });
  });

  it('tells what each refusal is, and does nothing', async (context) => {
    const { commit, read } = await open(context);
    await commit(ref, putting('r1'));
    const large = { message: 'x'.repeat(1_048_577) };
    const refused = [
      await commit(refTo('none'), patching('r2', { message: '' })),
      await commit(ref, putting('r3', '', { ifAbsent: true })),
      await commit(ref, patching('r4', { message: '' }, 7)),
      await commit(ref, patching('r5', large)),
    ];
    assert.deepEqual(new Set(refused.map(({ outcome }) => outcome)), new Set(['REFUSED']));
    assert.deepEqual(refused.map(reasonOf), [
      'TASK_NOT_FOUND',
      'TASK_EXISTS',
      'TASK_REVISION_CONFLICT',
      'INVALID_REQUEST',
    ]);
    assert.equal((await read(ref))?.task.revision, 1);
  });

  it('writes tasks that come together in one message', async (context) => {
    const { db, url, ledger } = await open(context);
    const refs = ['a', 'b', 'c'].map((id) => refTo(id));
    await using watched = await openWatched(url);
    await Promise.all(refs.map((ref) => watched.ledger.commit(ref, putting('r1'), longMs, patient)));
    assert.deepEqual(watched.seen, ['bulkWrite 3', 'find']);
    assert.equal(await db.collection('tasks').countDocuments({ task_id: { $exists: true } }), 3);
    const accounts = await Promise.all(refs.map((ref) => ledger.account(ref, patient)));
    assert.deepEqual(new Set(accounts.map(({ record }) => record?.ring.length)), new Set([1]));
  });

  it('knows the newest removal of a task that is not there, by who asked for it and by its mark', async (context) => {
    const { commit, ledger } = await open(context);
    assert.deepEqual(await ledger.account(ref, patient), { record: undefined, removal: undefined });
    await commit(ref, removing('r1'));
    const { removal: first } = await ledger.account(ref, patient);
    assert.equal(first?.requestId, 'r1');
    const record = recordOf(await commit(ref, putting('r2')));
    assert.ok(record);
    assert.equal((await ledger.account(ref, patient)).removal, undefined);
    await ledger.settle(ref, settling({ stamp: record.task }, undefined, 'r3', 'm3'), patient);
    const { removal: second } = await ledger.account(ref, patient);
    assert.deepEqual([second?.requestId, second?.mark], ['r3', 'm3']);
    assert.notEqual(second?.id, first?.id);
    const again = await commit(ref, removing('r3'));
    assert.deepEqual(again, { outcome: 'COMMITTED', record: undefined, changed: true });
    assert.deepEqual((await ledger.account(ref, patient)).removal, second);
  });

  it('tells removals apart that come in one millisecond, and those before a clock was set back', async (context) => {
    const { commit, ledger, db } = await open(context);
    const ids = new Set<string | undefined>();
    const at = new Date();
    for (let count = 0; count < 4; count++) {
      await commit(ref, removing(`r${count}`));
      await db.collection('tasks').updateMany({}, { $set: { 'cs.removed.at': at } });
      ids.add((await ledger.account(ref, patient)).removal?.id);
    }
    await db
      .collection('tasks')
      .updateMany({}, { $set: { 'cs.removed.at': new Date(at.getTime() + 60_000) } });
    await commit(ref, removing('r5'));
    ids.add((await ledger.account(ref, patient)).removal?.id);
    assert.equal(ids.size, 5);
  });

  it('does not take for a removal what came too late', async (context) => {
    const { commit, ledger, link } = await open(context);
    const overdue = Date.now() - 60_000;
    Object.defineProperty(link, 'writeDeadline', { value: () => overdue });
    for (const operation of [putting('r1'), removing('r2')]) {
      const outcome = await commit(ref, operation);
      assert.deepEqual([outcome.outcome, reasonOf(outcome)], ['AWAY', 'STORE_UNREACHABLE']);
    }
    assert.deepEqual(await ledger.account(ref, patient), { record: undefined, removal: undefined });
  });

  it('reads as new as a checkpoint of its feed, and exactly', async (context) => {
    const { commit, ledger, read } = await open(context);
    await using feed = await openFeed(ledger);
    await commit(ref, putting('r1', 'new'));
    let { checkpoint, event } = await feed.next(patient);
    while (!event) ({ checkpoint, event } = await feed.next(patient));
    const record = await read(ref);
    for (const after of [checkpoint, undefined, 'unheard of']) {
      assert.deepEqual(await ledger.read(ref, { after, exact: false }, patient), record);
    }
    assert.equal(record?.task.message, 'new');
    assert.equal(await ledger.read(refTo('none'), { after: checkpoint, exact: false }, patient), undefined);
  });

  it('asks for a time of the server with a checkpoint, and exactly where the server does not know of it', async (context) => {
    const { commit, ledger, link } = await open(context);
    await commit(ref, putting('r1'));
    const sessions: ClientSession[] = [];
    const { causalSession } = link;
    Object.defineProperty(link, 'causalSession', {
      value: () => {
        const session = causalSession.call(link);
        sessions.push(session);
        return session;
      },
    });
    const ahead = new Timestamp({ t: Math.floor(Date.now() / 1_000) + 3_600, i: 1 });
    const record = await ledger.read(ref, { after: streamToken(placeAt(ahead)), exact: false }, patient);
    assert.equal(record?.task.revision, 1);
    assert.deepEqual(
      sessions.map(({ operationTime }) => operationTime?.greaterThanOrEqual(ahead)),
      [true],
    );
  });

  it('says UNKNOWN, not why, when it is refused after a try whose answer was lost', async (context) => {
    const { link } = await open(context);
    const calls = new MongoCalls(link, 'task');
    const refusal = failure('TASK_EXISTS', { category: 'c', id: 't' });
    const attempt = async (_: AbortSignal, again: boolean) => {
      throw again ? refusal : new MongoNetworkError('cut');
    };
    using limit = new LedgerLimit(0, 500, patient);
    const first = await committed(ref, () => Promise.reject(refusal), calls, limit);
    assert.deepEqual(first, { outcome: 'REFUSED', error: refusal });
    const outcome = await committed(ref, attempt, calls, limit);
    assert.deepEqual([outcome.outcome, reasonOf(outcome)], ['UNKNOWN', 'OUTCOME_UNKNOWN']);
  });

  it('shares its tasks with the task port', async (context) => {
    const { commit, ledger, url } = await open(context);
    await using opened = await openTasks(url);
    const record = recordOf(await commit(ref, putting('r1')));
    const { task } = await opened.tasks.get(ref, { token: undefined, strong: true }, patient);
    assert.deepEqual(task, record?.task);
    const by = { requestId: 'r2', principal: 'bob', allowBuffered: false };
    await opened.tasks.remove(ref, by, patient);
    assert.equal((await ledger.account(ref, patient)).removal?.requestId, 'r2');
  });

  it('keeps the reason of a caller who leaves, and refuses at once what it was asked after its end', async (context) => {
    const { ledger } = await open(context);
    const gone = new Error('gone');
    await assert.rejects(ledger.commit(ref, putting('r1'), longMs, AbortSignal.abort(gone)), gone);
    await assert.rejects(ledger.account(ref, AbortSignal.abort(gone)), gone);
    await assert.rejects(
      ledger.settle(ref, settling({ removal: undefined }, taskTo(ref)), AbortSignal.abort(gone)),
      gone,
    );
    await ledger[Symbol.asyncDispose]();
    await assert.rejects(ledger.commit(ref, putting('r1'), longMs, patient), { reason: 'CLOSED' });
  });

  it('has the index by which removals are found in both collections', async (context) => {
    const { ledger, db } = await open(context);
    assert.deepEqual(ledger.problems, []);
    for (const name of ['tasks', 'tasks_namespaces']) {
      const indexes = await db.collection(name).indexes();
      assert.ok(indexes.some((index) => index.name === 'cs_removed'));
    }
  });
});

describe('the ledger on a standalone MongoDB', { skip: mongoMissing({ standalone: true }) ?? false }, () => {
  const server = mongoServer({ standalone: true });

  it('commits, settles, reads and tells', async (context) => {
    const { commit, ledger, read } = await openLedgerFor(context, await server());
    await using feed = await openFeed(ledger);
    await commit(ref, removing('r1'));
    const { removal } = await ledger.account(ref, patient);
    assert.equal(await ledger.settle(ref, settling({ removal: removal?.id }, taskTo(ref)), patient), true);
    const record = await read(ref);
    assert.deepEqual(record?.ring, [{ revision: 1, requestId: 'b1', mark: 'm b1' }]);
    let step = await feed.next(patient);
    while (!step.event?.stamp) step = await feed.next(patient);
    const { incarnation, revision } = record.task;
    assert.deepEqual(step.event.stamp, { incarnation, revision });
    const after = await ledger.read(ref, { after: step.checkpoint, exact: false }, patient);
    assert.deepEqual(after, record);
    await using later = await openFeed(ledger, step.checkpoint, feed.start);
    assert.equal(later.start, feed.start);
  });
});
