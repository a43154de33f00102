/** What the ledger on MongoDB answers when answers are lost, and what then happens or never does. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type FaultProxy, mongoMissing, startFaultProxy } from '@connections/testing';
import type { Settlement } from '../src/port/task-ledger.ts';
import type { TaskOperation } from '../src/port/task-operation.ts';
import {
  longMs,
  openFeed,
  openLedger,
  openLedgerFor,
  patching,
  patient,
  putting,
  refTo,
  removing,
  settling,
  taskTo,
} from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const withinMs = 800;

interface Timed<T> {
  readonly ms: number;
  readonly answer: T;
}

async function timed<T>(call: Promise<T>): Promise<Timed<T>> {
  const begun = performance.now();
  const answer = await call;
  return { ms: performance.now() - begun, answer };
}

function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no rejection',
    (error) => error.reason ?? error,
  );
}

function isLate({ ms }: Timed<unknown>, least: number): void {
  assert.ok(ms >= least, `answered after ${ms} ms`);
}

describe('the ledger on a failing MongoDB', { skip: mongoMissing({ failPoints: true }) ?? false }, () => {
  const server = mongoServer({ failPoints: true });

  /** A ledger that reaches the server through a proxy, beside one that reaches it as it is. */
  async function openBehind(context: TestContext) {
    const target = await server();
    const proxy = await startFaultProxy(target.port);
    context.after(() => proxy[Symbol.asyncDispose]());
    const direct = await openLedgerFor(context, target);
    const url = proxy.through(direct.url).replace(/\?.*$/, '?directConnection=true');
    const far = await openLedger(url);
    context.after(async () => {
      proxy.heal();
      await far[Symbol.asyncDispose]();
    });
    return { proxy, direct, far: far.ledger };
  }

  /** The answer is lost of what `made` sees happen. */
  async function losingAnswer<T>(proxy: FaultProxy, call: () => Promise<T>, made: () => Promise<boolean>) {
    proxy.delay(150);
    const answer = timed(call());
    await eventually(async () => assert.ok(await made()));
    proxy.blackHole();
    return answer;
  }

  it('does nothing after UNKNOWN of what arrives then', async (context) => {
    const { proxy, direct, far } = await openBehind(context);
    for (const id of ['patched', 'removed', 'put']) await direct.commit(refTo(id), putting('r1'));
    const operations: readonly (readonly [string, TaskOperation])[] = [
      ['patched', patching('r2', { message: 'late' })],
      ['removed', removing('r2')],
      ['put', putting('r2', 'late')],
      ['new', putting('r2', 'late')],
    ];
    proxy.blackHole();
    const outcomes = await Promise.all(
      operations.map(([id, operation]) => timed(far.commit(refTo(id), operation, withinMs, patient))),
    );
    for (const outcome of outcomes) {
      assert.equal(outcome.answer.outcome, 'UNKNOWN');
      isLate(outcome, withinMs);
    }
    proxy.heal();
    await eventually(() => far.ping(patient), 10_000);
    await delay(300);
    for (const [id] of operations) {
      const { record, removal } = await direct.ledger.account(refTo(id), patient);
      assert.deepEqual([record?.task.revision, removal], [id === 'new' ? undefined : 1, undefined], id);
    }
  });

  it('finds by the request id what was made and not answered', async (context) => {
    const { proxy, direct, far } = await openBehind(context);
    const ref = refTo('t');
    const made = async () => (await direct.read(ref)) !== undefined;
    const commit = () => far.commit(ref, putting('r1'), 1_500, patient);
    const lost = await losingAnswer(proxy, commit, made);
    assert.equal(lost.answer.outcome, 'UNKNOWN');
    isLate(lost, 1_500);
    const { record } = await direct.ledger.account(ref, patient);
    assert.deepEqual(record?.ring, [{ revision: 1, requestId: 'r1' }]);
    proxy.heal();
    await eventually(async () => {
      const again = await far.commit(ref, putting('r1'), longMs, patient);
      assert.deepEqual(again, { outcome: 'COMMITTED', record, changed: false });
    }, 10_000);
  });

  it('says of a settlement without an answer that nobody knows, and the marks tell', async (context) => {
    const { proxy, direct, far } = await openBehind(context);
    const ref = refTo('t');
    await direct.commit(ref, putting('r1'));
    const before = await direct.read(ref);
    assert.ok(before);
    const settle = (on: Parameters<typeof settling>[0]) => () =>
      rejection(far.settle(ref, settling(on, taskTo(ref)), patient));
    const made = async () => (await direct.read(ref))?.task.revision === 2;
    const lost = await losingAnswer(proxy, settle({ stamp: before.task }), made);
    assert.equal(lost.answer, 'OUTCOME_UNKNOWN');
    isLate(lost, 1_000);
    const { record } = await direct.ledger.account(ref, patient);
    assert.equal(record?.ring.at(-1)?.mark, 'm b1');
    assert.ok(record);
    proxy.heal();
    await eventually(() => far.ping(patient), 10_000);
    proxy.blackHole();
    assert.equal(await settle({ stamp: record.task })(), 'OUTCOME_UNKNOWN');
    proxy.heal();
    await eventually(() => far.ping(patient), 10_000);
    await delay(300);
    assert.deepEqual(await direct.read(ref), record, 'it came late');
  });

  it('is away as soon as that is known, and then refuses every call at once', async (context) => {
    const { proxy, far } = await openBehind(context);
    const ref = refTo('t');
    proxy.reset();
    await eventually(() => assert.equal(far.reachable, false), 10_000);
    const begun = performance.now();
    const outcome = await far.commit(ref, putting('r1'), withinMs, patient);
    assert.equal(outcome.outcome, 'AWAY');
    const page = { after: undefined, limit: 1, maxBytes: 1 };
    const everything = {
      namespace: 'default',
      category: undefined,
      importName: undefined,
      status: undefined,
    };
    const calls = [
      far.read(ref, { after: undefined, exact: true }, patient),
      far.account(ref, patient),
      far.settle(ref, settling({ removal: undefined }, taskTo(ref)), patient),
      far.feed([], patient),
      far.list(everything, page, patient),
      far.transitions(ref, patient),
      far.ping(patient),
      far.conflicts.list(page, patient),
    ];
    assert.deepEqual(new Set(await Promise.all(calls.map(rejection))), new Set(['STORE_UNREACHABLE']));
    assert.ok(performance.now() - begun < 500);
    proxy.heal();
    await eventually(() => assert.equal(far.reachable, true), 10_000);
  });

  it('ends a feed that hears nothing, so that it is opened anew', async (context) => {
    const { proxy, direct, far } = await openBehind(context);
    await using feed = await openFeed(far);
    const { checkpoint } = await feed.next(patient);
    proxy.blackHole();
    const ended = async () => {
      for (;;) await feed.next(patient);
    };
    assert.equal(await rejection(ended()), 'STORE_UNREACHABLE');
    await direct.commit(refTo('t'), putting('r1'));
    proxy.heal();
    await eventually(() => assert.equal(far.reachable, true), 10_000);
    await using anew = await openFeed(far, checkpoint);
    let step = await anew.next(patient);
    while (!step.event) step = await anew.next(patient);
    assert.deepEqual([step.event.ref.id, step.event.stamp?.revision], ['t', 1]);
  });

  it('answers UNKNOWN on a frozen server once its time is over, and nothing of it happens when that goes on', async (context) => {
    const frozen = await server();
    const { ledger, commit, read } = await openLedgerFor(context, frozen);
    const ref = refTo('t');
    await commit(ref, putting('r1'));
    frozen.freeze();
    try {
      const outcomes = await Promise.all([
        timed(commit(ref, putting('r2', 'late'), withinMs)),
        timed(commit(refTo('new'), putting('r3'), withinMs)),
      ]);
      for (const outcome of outcomes) {
        assert.equal(outcome.answer.outcome, 'UNKNOWN');
        isLate(outcome, withinMs);
      }
      await eventually(() => assert.equal(ledger.reachable, false), 10_000);
      assert.equal((await commit(ref, putting('r4'), withinMs)).outcome, 'AWAY');
    } finally {
      frozen.thaw();
    }
    await eventually(() => ledger.ping(patient), 10_000);
    await delay(500);
    assert.equal((await read(ref))?.task.revision, 1);
    assert.deepEqual(await ledger.account(refTo('new'), patient), { record: undefined, removal: undefined });
  });

  it('keeps the reason of a caller who leaves while nobody answers', async (context) => {
    const { proxy, far } = await openBehind(context);
    proxy.blackHole();
    const caller = new AbortController();
    const gone = new Error('gone');
    setTimeout(() => caller.abort(gone), 50);
    const { ms, answer } = await timed(
      rejection(far.commit(refTo('t'), putting('r1'), longMs, caller.signal)),
    );
    assert.equal(answer, gone);
    assert.ok(ms < 2_000, `it took ${ms} ms`);
  });

  for (const [what, data] of Object.entries({
    'the connection breaks': { closeConnection: true },
    'the primary steps down': { errorCode: 10_107 },
    'the write is made and the majority is late': {
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    },
  })) {
    it(`has one effect of each write, and of each settlement, when ${what}`, async (context) => {
      const { ledger, commit, read, db } = await openLedgerFor(context, await server());
      const ref = refTo('t');
      const failing = () =>
        db.admin().command({
          configureFailPoint: 'failCommand',
          mode: { times: 2 },
          data: { failCommands: ['findAndModify', 'findandmodify', 'update'], ...data },
        });
      await failing();
      const made = await commit(ref, putting('r1'));
      assert.equal(made.outcome, 'COMMITTED');
      await failing();
      const growing = { data: { replace: false, remove: [], set: new Map([['k', 'v']]) } };
      assert.equal((await commit(ref, patching('r2', growing))).outcome, 'COMMITTED');
      const record = await read(ref);
      assert.deepEqual(
        record?.ring.map(({ requestId }) => requestId),
        ['r1', 'r2'],
      );
      assert.ok(record);
      /** Without an answer the mark tells, as it tells the protocol. */
      const home = async (settlement: Settlement) => {
        await failing();
        await eventually(async () => {
          const { record } = await ledger.account(ref, patient);
          const isHome = record?.ring.at(-1)?.mark === settlement.operations[0]?.mark;
          assert.ok(isHome || (await ledger.settle(ref, settlement, patient)));
        }, 10_000);
      };
      await home(settling({ stamp: record.task }, taskTo(ref)));
      assert.equal((await read(ref))?.task.revision, 3);
      await failing();
      assert.equal((await commit(ref, removing('r3'))).outcome, 'COMMITTED');
      const { removal } = await ledger.account(ref, patient);
      assert.equal(removal?.requestId, 'r3');
      await home(settling({ removal: removal.id }, taskTo(ref), 'b2'));
      assert.deepEqual((await read(ref))?.ring, [{ revision: 1, requestId: 'b2', mark: 'm b2' }]);
      await failing();
      const conflict = { id: 'c', ref, reason: 'OLD' as const, at: 1, base: undefined, operations: [] };
      await ledger.conflicts.add({ ...conflict, shown: undefined, standing: undefined }, patient);
      assert.equal(
        (await ledger.conflicts.list({ after: undefined, limit: 5 }, patient)).conflicts.length,
        1,
      );
    });
  }
});
