/** What the task port on MongoDB does while its server is frozen, failing, or not there yet; tests/faults has what needs load. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { budgetedPort, systemClock } from '@connections/runtime';
import { eventually, mongoMissing, startMongo, type TestServer } from '@connections/testing';
import type { Db, Document } from 'mongodb';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { MongoTasks } from '../src/driver/mongo/mongo-tasks.ts';
import type { TaskState } from '../src/port/tasks.ts';
import { mongoServer, openDatabase, openTasks } from './mongo-ports.ts';

/** Of the tests that wait until it is over. */
const limitMs = 1_500;
const ref = (id = 't') => ({ namespace: 'default', category: 'validation', id });
const state: TaskState = { status: 'accepted', code: 202, message: '', data: new Map() };
const by = (requestId?: string) => ({ requestId, principal: 'ann', allowBuffered: false });
const putting = (requestId?: string) => ({ ...by(requestId), ifAbsent: false });
const patching = (requestId?: string) => ({ ...by(requestId), expectedRevision: undefined });
const reading = { token: undefined, strong: false };
const { signal } = new AbortController();

/** Tasks as the service has them: with the budget that bounds every call. */
async function open(context: TestContext, server: TestServer, budgetMs = 10_000) {
  const database = await openDatabase(server);
  const { link, tasks } = await openTasks(database.url);
  context.after(async () => {
    await link[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  return { tasks: budgetedPort('task', tasks, { clock: systemClock, limitMs: budgetMs }), link, ...database };
}

async function timed(call: Promise<unknown>): Promise<{ readonly ms: number; readonly reason: unknown }> {
  const start = performance.now();
  const reason = await call.then(
    () => 'OK',
    (error) => error.reason ?? error,
  );
  return { ms: performance.now() - start, reason };
}

/** Refused without a look at the server, for which the driver takes a second; `npm run faults` says what it does take. */
async function refusedAtOnce(call: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at < 9; at++) {
    const { ms, reason } = await timed(call());
    assert.equal(reason, 'STORE_UNREACHABLE');
    times.push(ms);
  }
  const median = times.toSorted((a, b) => a - b)[4] ?? 0;
  assert.ok(median < 500, `it took ${median} ms`);
}

/** The server fails as told, `times` times, whenever it gets the command that our writes are. */
async function failing(db: Db, times: number, data: Document): Promise<void> {
  await db.admin().command({
    configureFailPoint: 'failCommand',
    mode: { times },
    data: { failCommands: ['findAndModify', 'findandmodify'], ...data },
  });
}

describe('tasks on a failing MongoDB', { skip: mongoMissing({ failPoints: true }) ?? false }, () => {
  const server = mongoServer({ failPoints: true });

  it('lets no write happen that lay in a frozen server for longer than its caller waited', async (context) => {
    const frozen = await server();
    const { tasks, link } = await open(context, frozen, limitMs);
    await tasks.put(ref(), state, putting(), signal);
    Object.defineProperty(link, 'writeDeadline', { value: () => link.topology.serverTimeIn(limitMs) });
    frozen.freeze();
    try {
      const writes = [
        tasks.patch(ref(), { message: 'late' }, patching('r1'), signal),
        tasks.put(ref('new'), state, putting(), signal),
        tasks.remove(ref(), by(), signal),
      ];
      const outcomes = await Promise.all(writes.map(timed));
      assert.deepEqual(new Set(outcomes.map(({ reason }) => reason)), new Set(['OUTCOME_UNKNOWN']));
    } finally {
      frozen.thaw();
    }
    await eventually(() => tasks.ping(signal));
    // The server takes what lay in its sockets before, or soon after, it answers on a new one.
    await delay(500);
    const { task } = await tasks.get(ref(), reading, signal);
    assert.deepEqual([task?.revision, task?.message], [1, '']);
    assert.equal((await tasks.get(ref('new'), reading, signal)).task, undefined);
  });

  it('does nothing of a write that came to the server after its deadline', async (context) => {
    const { tasks, link, db } = await open(context, await server());
    await tasks.put(ref(), state, putting(), signal);
    const overdue = Date.now() - 60_000;
    Object.defineProperty(link, 'writeDeadline', { value: () => overdue });
    const calls = [
      () => tasks.put(ref(), { ...state, message: 'late' }, putting('r1'), signal),
      () => tasks.put(ref('new'), state, putting('r2'), signal),
      () => tasks.put(ref('new'), state, { ...putting('r3'), ifAbsent: true }, signal),
      () => tasks.patch(ref(), { message: 'late' }, patching('r4'), signal),
      () => tasks.remove(ref(), by('r5'), signal),
      () => tasks.remove(ref('new'), by(), signal),
    ];
    for (const call of calls) assert.equal((await timed(call())).reason, 'STORE_UNREACHABLE');
    const { task } = await tasks.get(ref(), reading, signal);
    assert.deepEqual([task?.revision, task?.message], [1, '']);
    assert.equal((await tasks.get(ref('new'), reading, signal)).task, undefined);
    assert.equal(await db.collection('tasks').countDocuments({ task_id: 'new' }), 0);
  });

  it('starts without its server and finds it when it comes', async () => {
    const late = await server();
    await late.kill();
    const link = new MongoLink({ url: late.url, database: 'late' });
    const tasks = new MongoTasks(link, 'tasks');
    try {
      await refusedAtOnce(() => tasks.get(ref(), reading, signal));
      // Longer than the first try to connect, after which the driver's client is closed for good.
      await delay(1_200);
      await late.restart();
      await eventually(() => tasks.ping(signal));
      await tasks.indexes.tried;
      assert.deepEqual(tasks.indexes.problems, []);
      await tasks.remove(ref(), by(), signal);
    } finally {
      await link[Symbol.asyncDispose]();
    }
  });

  for (const [what, data] of Object.entries({
    'the connection breaks': { closeConnection: true },
    'the server stops': { errorCode: 91 },
    'the primary steps down': { errorCode: 10_107 },
    'the write is made and the majority is late': {
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    },
  })) {
    it(`has one effect of a write with a request id when ${what}`, async (context) => {
      const { tasks, db } = await open(context, await server());
      const named = async (times: number, write: () => Promise<{ task: { revision: number } }>) => {
        await failing(db, times, data);
        return (await write()).task.revision;
      };
      const put = () => tasks.put(ref(), state, putting('r1'), signal);
      const patch = () => tasks.patch(ref(), { data: growing }, patching('r2'), signal);
      const growing = { replace: false, remove: [], set: new Map([['k', 'v']]) };
      assert.deepEqual([await named(2, put), await named(2, patch)], [1, 2]);
      await failing(db, 2, data);
      assert.equal((await tasks.remove(ref(), by('r3'), signal)).removed, true);
      assert.equal((await tasks.get(ref(), reading, signal)).task, undefined);
    });
  }

  it('finds out what became of a write without a request id that was made', async (context) => {
    const { tasks, db } = await open(context, await server());
    const data = { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } };
    await failing(db, 1, data);
    assert.equal((await tasks.put(ref(), state, putting(), signal)).created, true);
    await failing(db, 1, data);
    assert.equal((await tasks.patch(ref(), { code: 1 }, patching(), signal)).task.revision, 2);
    await failing(db, 1, data);
    assert.equal((await tasks.remove(ref(), by(), signal)).removed, true);
  });

  it('says that it does not know what became of one that left no trace', async (context) => {
    const { tasks, db } = await open(context, await server());
    await tasks.put(ref(), state, putting(), signal);
    await failing(db, 2, { closeConnection: true });
    assert.equal(
      (await timed(tasks.patch(ref(), { code: 1 }, patching(), signal))).reason,
      'OUTCOME_UNKNOWN',
    );
  });

  it('keeps the reason of a caller that gave up', async (context) => {
    const frozen = await server();
    const { tasks } = await open(context, frozen);
    await tasks.put(ref(), state, putting(), signal);
    const caller = new AbortController();
    const gone = new Error('gone');
    frozen.freeze();
    try {
      const calls = [
        tasks.put(ref(), state, putting(), caller.signal),
        tasks.get(ref(), reading, caller.signal),
        tasks.list({ ...ref(), importName: undefined, status: undefined }, page, caller.signal),
      ];
      setTimeout(() => caller.abort(gone), 50);
      const outcomes = await Promise.all(calls.map(timed));
      assert.deepEqual(
        outcomes.map(({ reason }) => reason),
        [gone, gone, gone],
      );
      for (const { ms } of outcomes) assert.ok(ms < 5_000, `it took ${ms} ms`);
    } finally {
      frozen.thaw();
    }
  });
});

const page = { after: undefined, limit: 10, maxBytes: 1_000 };

describe('the link to MongoDB', () => {
  for (const [what, hold] of [
    ['refuses', false],
    ['accepts and never answers', true],
  ] as const) {
    it(`tries at most twice a second to reach a server that ${what}`, async () => {
      await using server = await countedServer(0, hold);
      await using link = new MongoLink({ url: `mongodb://127.0.0.1:${server.port}`, database: 'd' });
      await triedRarely(server);
      assert.equal(link.reachable, false);
    });

    const ownServer = { skip: mongoMissing({ own: true }) ?? false };
    it(`tries at most twice a second when a replica set that it knew ${what}`, ownServer, async () => {
      await using known = await startMongo({ own: true });
      await using link = new MongoLink({ url: known.url, database: 'd' });
      await link.reached();
      await known.kill();
      await using server = await countedServer(known.port, hold);
      await eventually(() => assert.equal(link.reachable, false));
      await triedRarely(server);
    });
  }

  it('tells where it leads without credentials, and which database is meant', async () => {
    const where = async (url: string) => {
      await using link = new MongoLink({ url, database: 'typechecking' });
      return link.where;
    };
    assert.equal(
      await where('mongodb://ann:secret@127.0.0.1:1/?authSource=admin'),
      '127.0.0.1:1/typechecking',
    );
    assert.equal(await where('mongodb://127.0.0.1:1,127.0.0.1:2/mine'), '127.0.0.1:1,127.0.0.1:2/mine');
    assert.equal(await where('mongodb://127.0.0.1:1'), '127.0.0.1:1/typechecking');
  });

  const standalone = mongoServer({ standalone: true });
  const skip = mongoMissing({ standalone: true }) ?? false;
  it('says what a standalone server cannot promise', { skip }, async (context) => {
    const { tasks, link } = await open(context, await standalone());
    assert.match(link.topology.notices.join(), /standalone/);
    await tasks.put(ref(), state, putting(), signal);
    assert.equal((await tasks.get(ref(), { token: undefined, strong: true }, signal)).task?.revision, 1);
  });
});

/** In a server's place: ends connections at once, or holds them without a word. */
async function countedServer(port: number, hold: boolean) {
  const sockets = new Set<Socket>();
  let attempts = 0;
  const server = createServer((socket) => {
    attempts++;
    sockets.add(socket.on('error', () => {}));
    if (!hold) socket.destroy();
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get attempts() {
      return attempts;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function triedRarely(server: { readonly attempts: number }): Promise<void> {
  const [before, start] = [server.attempts, performance.now()];
  await delay(5_000);
  const seconds = (performance.now() - start) / 1_000;
  const attempts = server.attempts - before;
  assert.ok(attempts >= 2 && attempts <= 2 * seconds + 1, `${attempts} attempts in ${seconds} s`);
}
