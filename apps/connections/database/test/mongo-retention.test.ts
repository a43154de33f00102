/** Tasks on MongoDB that are not kept for ever: which of them go, and that no change of one is lost by it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually, mongoMissing } from '@connections/testing';
import fc from 'fast-check';
import { openMongoDatabase } from '../src/driver/mongo/mongo-database.ts';
import { MongoLedger } from '../src/driver/mongo/mongo-ledger.ts';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { TaskAccess } from '../src/driver/mongo/task-access.ts';
import { type ExpiredTask, retentionIndexes, TaskRetention } from '../src/driver/mongo/task-retention.ts';
import type { RetentionRule } from '../src/port/retention-rule.ts';
import type { TaskRef } from '../src/port/tasks.ts';
import {
  openFeed,
  openLedgerFor,
  patching,
  patient,
  putting,
  refTo,
  removing,
  stepsOf,
} from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const skip = mongoMissing() ?? false;
const hourMs = 3_600_000;
const patientMs = 20_000;
const finished: RetentionRule = { keptMs: 1, statuses: ['done'], is: 'in' };
const others: RetentionRule = { keptMs: 1, statuses: ['done', 'running'], is: 'not in' };
const longKept: RetentionRule = { ...finished, keptMs: hourMs };

describe('tasks on MongoDB that are not kept for ever', { skip }, () => {
  const server = mongoServer();

  /** A ledger for what others do, and the retention of a process beside it, whose rounds are made by hand. */
  async function opened(context: TestContext, rules: readonly RetentionRule[] = [finished]) {
    const { ledger, url, db, commit, read } = await openLedgerFor(context, await server());
    const link = new MongoLink({ url, database: 'unnamed' });
    const access = new TaskAccess(link, 'tasks', (collections) => retentionIndexes(collections, rules));
    context.after(() => link[Symbol.asyncDispose]());
    await access.indexes.tried;
    const retention = new TaskRetention(access, rules);
    const [tasks, spaces] = access.collections.collections;
    assert.ok(tasks && spaces);
    const expired = (rule = finished, collection = tasks) => retention.expired(collection, rule, patient);
    const put = async (ref: TaskRef, status: string) => {
      const outcome = await commit(ref, putting(`put ${ref.id}`, '', { status }));
      assert.equal(outcome.outcome, 'COMMITTED');
    };
    /** As soon as they are so many. */
    const found = (count: number, ...asked: Parameters<typeof expired>) =>
      eventually(async () => {
        const all = await expired(...asked);
        assert.equal(all.length, count);
        return all;
      }, patientMs);
    const remove = (found: readonly ExpiredTask[]) => retention.remove(found, patient);
    return { ledger, url, db, commit, read, link, retention, spaces, expired, put, found, remove };
  }

  it('go when nobody changed them for the time of their status, in every namespace', async (context) => {
    const { put, found, remove, read, spaces } = await opened(context);
    await put(refTo('a'), 'done');
    await put(refTo('b'), 'running');
    await put(refTo('c', 'space'), 'done');
    await put(refTo('d', 'space'), 'running');
    await remove(await found(1));
    await remove(await found(1, finished, spaces));
    const left = await Promise.all(
      [refTo('a'), refTo('b'), refTo('c', 'space'), refTo('d', 'space')].map(read),
    );
    assert.deepEqual(
      left.map((record) => record?.task.id),
      [undefined, 'b', undefined, 'd'],
    );
  });

  it('stay while their time is not over', async (context) => {
    const { put, found, expired } = await opened(context);
    await put(refTo('a'), 'done');
    await found(1);
    assert.deepEqual(await expired(longKept), []);
  });

  it('are in any other status where the rule is for all others', async (context) => {
    const { put, found } = await opened(context, [others]);
    for (const status of ['done', 'running', 'strange']) await put(refTo(status), status);
    assert.deepEqual(
      (await found(1, others)).map(({ ref }) => ref.id),
      ['strange'],
    );
  });

  it('leave what a removal leaves: a tombstone with a request id of its own, and a change in the feed', async (context) => {
    const { put, found, remove, ledger } = await opened(context);
    await using feed = await openFeed(ledger);
    await put(refTo('a'), 'done');
    await remove(await found(1));
    const { record, removal } = await ledger.account(refTo('a'), patient);
    assert.equal(record, undefined);
    assert.match(removal?.requestId ?? '', /^retention:/);
    await eventually(async () => {
      const events = (await stepsOf(feed)).flatMap(({ event }) => event ?? []);
      assert.ok(events.some(({ ref, stamp }) => ref.id === 'a' && stamp === undefined));
    });
  });

  it('stay when anybody changed them since they were found', async (context) => {
    const { put, found, remove, read, commit, db } = await opened(context);
    type Change = (ref: TaskRef, id: string) => Promise<unknown>;
    const changes: readonly Change[] = [
      (ref, id) => commit(ref, patching(id, { message: 'changed' })),
      (ref, id) => commit(ref, putting(id, '', { status: 'done' })),
      (ref, id) => commit(ref, patching(id, { status: 'running' })),
      async (ref, id) => {
        await commit(ref, removing(id));
        await commit(ref, putting(`${id} again`, '', { status: 'done' }));
      },
      // Another program's, which counts no revisions.
      (ref) => db.collection('tasks').updateOne({ task_id: ref.id }, { $set: { status: 'running' } }),
    ];
    let runs = 0;
    const anyChange = fc.option(fc.integer({ min: 0, max: changes.length - 1 }), { freq: 2 });
    await fc.assert(
      fc.asyncProperty(fc.array(anyChange, { minLength: 1, maxLength: 12 }), async (plan) => {
        const run = `r${++runs}`;
        const refs = plan.map((_, at) => refTo(`${run} ${at}`));
        await Promise.all(refs.map((ref) => put(ref, 'done')));
        const all = await found(plan.length);
        for (const [at, which] of plan.entries()) {
          const ref = refs[at];
          if (ref && which !== null) await changes[which]?.(ref, `${run} ${at} changed`);
        }
        await remove(all);
        const left = await Promise.all(refs.map(read));
        assert.deepEqual(
          left.map((record) => record !== undefined),
          plan.map((which) => which !== null),
        );
        await db.collection('tasks').deleteMany({});
      }),
      { numRuns: 15 },
    );
  });

  it('stay when the removal comes after its time', async (context) => {
    const { put, found, retention, link, read } = await opened(context);
    await put(refTo('a'), 'done');
    const all = await found(1);
    context.mock.method(link, 'writeDeadline', () => 1);
    await retention.remove(all, patient);
    assert.ok(await read(refTo('a')));
  });

  it('are only those that we have written: of others nobody knows the last change', async (context) => {
    const { put, found, db } = await opened(context);
    await db.collection('tasks').insertOne({ task: 'validation', task_id: 'old', status: 'done', code: 200 });
    await put(refTo('a'), 'done');
    assert.deepEqual(
      (await found(1)).map(({ ref }) => ref.id),
      ['a'],
    );
  });

  it('stay in a collection where a task has several documents, of which a removal would uncover the next', async (context) => {
    const { url, db } = await openLedgerFor(context, await server());
    await db.collection('tasks').dropIndex('cs_identity');
    const document = () => ({
      task: 'validation',
      task_id: 'twice',
      status: 'done',
      cs: { at: new Date(1) },
    });
    await db.collection('tasks').insertMany([document(), document()]);
    const link = new MongoLink({ url, database: 'unnamed' });
    context.after(() => link[Symbol.asyncDispose]());
    const access = new TaskAccess(link, 'tasks', (collections) => retentionIndexes(collections, [finished]));
    await access.indexes.tried;
    const [tasks] = access.collections.collections;
    assert.ok(tasks);
    const retention = new TaskRetention(access, [finished]);
    assert.deepEqual(await retention.expired(tasks, finished, patient), []);
  });

  it('go by themselves, in batches, but not while something else is first', {
    timeout: 60_000,
  }, async (context) => {
    const { url, db } = await opened(context);
    const link = new MongoLink({ url, database: 'unnamed' });
    const stop = new AbortController();
    let running: Promise<void> | undefined;
    context.after(async () => {
      stop.abort();
      await running;
      await link[Symbol.asyncDispose]();
    });
    const ledger = new MongoLedger(link, 'tasks', [finished]);
    await ledger.indexes.tried;
    const cs = { rev: 1, at: new Date(1), born: new Date(1), committed: new Date(1) };
    const tasks = Array.from({ length: 40 }, (_, at) => {
      return { task: 'validation', task_id: `t${at}`, status: 'done', code: 200, message: '', data: {}, cs };
    });
    await db.collection('tasks').insertMany(tasks);
    const left = () => db.collection('tasks').countDocuments({ task_id: { $exists: true } });
    let isFirst = true;
    let asked = 0;
    const mayRemove = () => {
      asked++;
      return !isFirst;
    };
    running = ledger.removeExpired?.(mayRemove, stop.signal);
    assert.ok(running);
    await eventually(() => assert.ok(asked > 0), 20_000);
    assert.equal(await left(), 40);
    isFirst = false;
    await eventually(async () => assert.equal(await left(), 0), 40_000);
  });

  it('go from a MongoDB without a view too', { timeout: 40_000 }, async (context) => {
    const { put, url, read } = await opened(context);
    await put(refTo('a'), 'done');
    const collections = { tasks: 'tasks' };
    await using _database = await openMongoDatabase({
      url,
      database: 'd',
      collections,
      retention: [finished],
    });
    await eventually(async () => assert.equal(await read(refTo('a')), undefined), 30_000);
  });

  it('cost no index where every task is kept for ever', async (context) => {
    const { url, db } = await openLedgerFor(context, await server());
    const names = async () => (await db.collection('tasks').indexes()).map(({ name }) => name);
    assert.ok(!(await names()).includes('cs_retention'));
    const link = new MongoLink({ url, database: 'unnamed' });
    context.after(() => link[Symbol.asyncDispose]());
    const ledger = new MongoLedger(link, 'tasks', [finished]);
    await ledger.indexes.tried;
    assert.ok((await names()).includes('cs_retention'));
    assert.equal(new MongoLedger(link, 'tasks').removeExpired, undefined);
  });
});
