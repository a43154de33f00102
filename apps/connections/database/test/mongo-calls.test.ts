/** What the link and its calls make of a MongoDB that does not answer, or not to us, and of what a URL asks of it. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { eventually, mongoMissing, startFaultProxy } from '@connections/testing';
import type { MongoServerError } from 'mongodb';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import type { TaskState } from '../src/port/tasks.ts';
import { mongoServer, openDatabase, openTasks } from './mongo-ports.ts';

const { signal } = new AbortController();
const ref = { namespace: 'default', category: 'validation', id: 't' };
const state: TaskState = { status: 'accepted', code: 202, message: '', data: new Map() };
const putting = { requestId: undefined, principal: 'ann', allowBuffered: false, ifAbsent: false };

describe('calls to a MongoDB', { skip: mongoMissing({ failPoints: true }) ?? false }, () => {
  const server = mongoServer({ failPoints: true });

  async function open(context: TestContext) {
    const frozen = await server();
    const database = await openDatabase(frozen);
    context.after(() => database[Symbol.asyncDispose]());
    const { tasks, link } = await openTasks(database.url);
    context.after(() => link[Symbol.asyncDispose]());
    await tasks.put(ref, state, putting, signal);
    return { frozen, tasks, link, ...database };
  }

  it('are refused while nobody has logged in to a server that wants it, which answers a ping', async (context) => {
    const { db, url } = await open(context);
    const refusing = (mode: string) =>
      db.admin().command({
        configureFailPoint: 'failCommand',
        mode,
        data: { failCommands: ['listCollections'], errorCode: 13 },
      });
    await refusing('alwaysOn');
    await using link = new MongoLink({ url, database: 'unnamed' });
    await link.tried;
    assert.equal(link.reachable, false);
    assert.equal((link.lastError as MongoServerError).code, 13);
    await refusing('off');
    await link.reached();
  });

  it('do not knock more than twice a second at a server that lets nobody log in', async () => {
    const { port } = await server();
    await using proxy = await startFaultProxy(port);
    const url = `mongodb://nobody:x@127.0.0.1:${proxy.port}/?directConnection=true`;
    await using link = new MongoLink({ url, database: 'd' });
    await delay(5_000);
    assert.equal((link.lastError as MongoServerError).code, 18);
    assert.ok(proxy.connections >= 2 && proxy.connections <= 10, `${proxy.connections} attempts in 5 s`);
  });

  it('do not say that a write did not happen when the link is closed under it', async (context) => {
    const { frozen, tasks, link } = await open(context);
    frozen.freeze();
    try {
      const write = assert.rejects(tasks.put(ref, state, putting, signal), { reason: 'OUTCOME_UNKNOWN' });
      // In these the write goes to the socket.
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      await link[Symbol.asyncDispose]();
      await write;
    } finally {
      frozen.thaw();
    }
  });

  it('do not make a frozen server seem to answer by what they refuse themselves', async (context) => {
    const { frozen, tasks, link } = await open(context);
    frozen.freeze();
    try {
      const stranger = { token: 'of another service', strong: false };
      await eventually(async () => {
        await assert.rejects(tasks.get(ref, stranger, signal));
        assert.equal(link.reachable, false);
      });
    } finally {
      frozen.thaw();
    }
  });
});

describe('the URL of a MongoDB', () => {
  it('cannot weaken what is promised', async () => {
    const weak = 'w=1&journal=false&wtimeoutMS=1&readConcernLevel=local&readPreference=secondary';
    await using link = new MongoLink({ url: `mongodb://127.0.0.1:1/d?${weak}`, database: 'd' });
    const { writeConcern, readConcern, readPreference } = link.collection('c');
    assert.deepEqual({ ...writeConcern }, { w: 'majority', j: true, journal: true });
    assert.deepEqual([readConcern?.level, readPreference?.mode], ['majority', 'primary']);
  });

  it('may name a database, and none that cannot be', async () => {
    for (const name of ['a b', 'a.b', 'a/b', 'a%2Fb', '$a', 'me@a']) {
      assert.throws(
        () => new MongoLink({ url: `mongodb://u:p@h/${name}`, database: 'd' }),
        /percent-encoded/,
        name,
      );
    }
    assert.throws(() => new MongoLink({ url: 'mongodb://h', database: 'a b' }), RangeError);
  });
});
