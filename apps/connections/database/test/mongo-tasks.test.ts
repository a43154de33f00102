/** What the task store on MongoDB promises beyond the contract: how it lies there, bounds, memory, two processes. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually, mongoMissing } from '@connections/testing';
import type { TaskState } from '../src/port/tasks.ts';
import { mongoServer, openDatabase, openTasks } from './mongo-ports.ts';

const writer = fileURLToPath(new URL('./mongo-task-writer.js', import.meta.url));
const { signal } = new AbortController();
const ref = (id = 't', namespace = 'n') => ({ namespace, category: 'c', id });
const state: TaskState = {
  status: 'accepted',
  code: 202,
  message: '',
  data: new Map([['import_name', 'people']]),
};
const by = (requestId?: string) => ({ requestId, principal: 'ann', allowBuffered: false });
const putting = (requestId?: string) => ({ ...by(requestId), ifAbsent: false });
const patching = (requestId?: string) => ({ ...by(requestId), expectedRevision: undefined });
const reading = { token: undefined, strong: true };
const all = { namespace: 'n', category: undefined, importName: undefined, status: undefined };

describe('the task store on MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  async function open(context: TestContext) {
    const database = await openDatabase(await server());
    const { link, tasks } = await openTasks(database.url);
    context.after(async () => {
      await link[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    });
    const get = async (id?: string, namespace?: string) =>
      (await tasks.get(ref(id, namespace), reading, signal)).task;
    return { ...database, tasks, get };
  }

  it('has an index for every list and none that its collections do not need', async (context) => {
    const { tasks, db } = await open(context);
    assert.deepEqual(tasks.indexes.problems, []);
    for (const [name, first] of [
      ['tasks', []],
      ['tasks_namespaces', ['cs.ns']],
    ] as const) {
      const keys = (await db.collection(name).indexes()).map(({ key }) => Object.keys(key).join());
      const lists = [
        '',
        'task',
        'import_name',
        'status',
        'task,import_name',
        'task,status',
        'import_name,status',
      ];
      const expected = [...lists, 'task,import_name,status'].map((filters) =>
        [...first, ...filters.split(',').filter(Boolean), 'cs.at', '_id'].join(),
      );
      assert.deepEqual(
        keys.sort(),
        ['_id', [...first, 'task', 'task_id'].join(), 'cs.removed.key', 'cs.removed.at', ...expected].sort(),
      );
    }
  });

  it('says of an index that has its name and does something else that it is in the way', async (context) => {
    const database = await openDatabase(await server());
    context.after(() => database[Symbol.asyncDispose]());
    const identity = { task: 1, task_id: 1 } as const;
    await database.db.collection('tasks').createIndex(identity, { name: 'cs_identity' });
    const { tasks, link } = await openTasks(database.url);
    context.after(() => link[Symbol.asyncDispose]());
    const [problem, ...others] = tasks.indexes.problems;
    assert.match(problem ?? '', /cs_identity on \S+\.tasks cannot be built/);
    assert.deepEqual(others, []);
  });

  it('leaves of a removed task what tells that it was removed, and that for a day', async (context) => {
    const { tasks, db } = await open(context);
    await tasks.put(ref('t', 'default'), { ...state, message: 'secret' }, putting('r1'), signal);
    await tasks.remove(ref('t', 'default'), by('r2'), signal);
    const [left, ...more] = await db.collection('tasks').find().toArray();
    assert.deepEqual([Object.keys(left ?? {}), more], [['_id', 'cs'], []]);
    const cs = left?.cs;
    const { at, key, call, ...removed } = cs.removed;
    assert.deepEqual(removed, { ns: 'default', task: 'c', task_id: 't', was: true, request: 'r2' });
    assert.ok(Math.abs(at - Date.now()) < 60_000);
    assert.ok(![key, call, JSON.stringify(cs)].join().includes('secret'));
    const indexes = await db.collection('tasks').indexes();
    assert.equal(indexes.find(({ name }) => name === 'cs_tombstones')?.expireAfterSeconds, 86_400);
  });

  it('answers a repeated removal as it did first, whatever came between', async (context) => {
    const { tasks, get } = await open(context);
    const remove = async (requestId: string) => (await tasks.remove(ref(), by(requestId), signal)).removed;
    await tasks.put(ref(), state, putting(), signal);
    assert.deepEqual([await remove('r1'), await remove('r1'), await remove('r2')], [true, true, false]);
    await tasks.put(ref(), state, putting(), signal);
    assert.deepEqual([await remove('r1'), await remove('r2')], [true, false]);
    assert.ok(await get());
    assert.deepEqual(await Promise.all(['r3', 'r3', 'r3', 'r3'].map(remove)), [true, true, true, true]);
    assert.equal(await get(), undefined);
  });

  it('keeps any key and any field apart from its own names', async (context) => {
    const { tasks, get } = await open(context);
    const odd = ['$ref', '$id', '$db', 'a\0b', '', '.', '$x', 'a.b', '__proto__', 'cs', '_id', 'constructor'];
    const values = new Map(odd.map((key) => [key, `of ${key}`]));
    for (const namespace of ['n', 'default']) {
      await tasks.put(ref('t', namespace), { ...state, data: values }, putting(), signal);
      const named = new Map([...values].filter(([key]) => key !== ''));
      const { task } = await tasks.patch(ref('t', namespace), { fields: named }, patching(), signal);
      assert.deepEqual(new Map([...task.data].sort()), new Map([...values].sort()));
      assert.deepEqual(new Map([...task.fields].sort()), new Map([...named].sort()));
      const again = new Map([
        ['$ref', 'second'],
        ['cs', 'second'],
      ]);
      const patch = { data: { replace: false, remove: ['$id', 'a.b'], set: again }, fields: again };
      const after = (await tasks.patch(ref('t', namespace), patch, patching(), signal)).task;
      assert.deepEqual(
        [after.data.get('$ref'), after.data.get('cs'), after.data.size],
        ['second', 'second', 10],
      );
      assert.deepEqual([after.fields.get('$ref'), after.fields.get('cs')], ['second', 'second']);
      assert.deepEqual(await get('t', namespace), after);
      const replace = { data: { replace: true, remove: [], set: new Map([['$db', 'last']]) } };
      const last = (await tasks.patch(ref('t', namespace), replace, patching(), signal)).task;
      assert.deepEqual([...last.data], [['$db', 'last']]);
    }
  });

  it('reads no text of a caller as an operator or an expression', async (context) => {
    const { tasks, get } = await open(context);
    const sly = '$$ROOT';
    const task = { namespace: sly, category: '$status', id: '{"$ne":null}' };
    const put = {
      status: '$cs',
      code: 1,
      message: sly,
      data: new Map([
        ['import_name', '$task'],
        [sly, '$data'],
      ]),
    };
    await tasks.put(task, put, { ...putting(sly), principal: sly }, signal);
    const change = {
      status: '$_id',
      data: { replace: false, remove: [sly], set: new Map([['a', '$$NOW']]) },
    };
    const written = (await tasks.patch(task, change, patching('$cs.ring'), signal)).task;
    assert.deepEqual([written.status, written.message, written.importName], ['$_id', sly, '$task']);
    assert.deepEqual(
      [...written.data],
      [
        ['import_name', '$task'],
        ['a', '$$NOW'],
      ],
    );
    const query = { namespace: sly, category: '$status', importName: '$task', status: '$_id' };
    const page = await tasks.list(query, { after: undefined, limit: 2, maxBytes: 10_000 }, signal);
    assert.deepEqual(page.tasks, [written]);
    const history = (await tasks.transitions(task, signal))?.transitions;
    assert.deepEqual(
      history?.map(({ principal, status }) => [principal, status]),
      [
        [sly, '$cs'],
        ['ann', '$_id'],
      ],
    );
    assert.equal(await get(), undefined);
  });

  it('counts the fields that no reply shows among the bytes of a page', async (context) => {
    const { tasks } = await open(context);
    for (let at = 0; at < 4; at++) {
      await tasks.put(ref(`t${at}`), state, putting(), signal);
      await tasks.patch(
        ref(`t${at}`),
        { fields: new Map([['blob', 'x'.repeat(1_000)]]) },
        patching(),
        signal,
      );
    }
    const page = await tasks.list(all, { after: undefined, limit: 10, maxBytes: 2_500 }, signal);
    assert.equal(page.tasks.length, 2);
  });

  it('cuts the message of a transition between characters', async (context) => {
    const { tasks } = await open(context);
    await tasks.put(ref(), { ...state, message: `${'x'.repeat(1_022)}€€` }, putting(), signal);
    const [transition] = (await tasks.transitions(ref(), signal))?.transitions ?? [];
    assert.equal(transition?.message, 'x'.repeat(1_022));
  });

  it('refuses a token or a cursor that it has not given', async (context) => {
    const { tasks } = await open(context);
    const { token } = await tasks.put(ref(), state, putting(), signal);
    await tasks.get(ref(), { token, strong: false }, signal);
    for (const foreign of ['', 'x', `${token}0`, 'embedded:1']) {
      const read = tasks.get(ref(), { token: foreign, strong: false }, signal);
      await assert.rejects(read, { status: 'INVALID_ARGUMENT' });
    }
    const id = 'a'.repeat(24);
    for (const after of ['', 'x', '-1', '1', '-', `1.${id}0`, `x.${id}`, `9999999999999999.${id}`]) {
      const list = tasks.list(all, { after, limit: 1, maxBytes: 1 }, signal);
      await assert.rejects(list, { reason: 'PAGE_TOKEN_INVALID' });
    }
  });

  it('refuses a patch that outgrows the bounds and keeps the task as it was', async (context) => {
    const { tasks, get } = await open(context);
    await tasks.put(ref(), { ...state, message: 'x'.repeat(1_000_000) }, putting(), signal);
    for (const key of ['k', '$ref']) {
      const grow = { data: { replace: false, remove: [], set: new Map([[key, 'y'.repeat(100_000)]]) } };
      await assert.rejects(tasks.patch(ref(), grow, patching(), signal), {
        status: 'INVALID_ARGUMENT',
        message: /1100\d\d\d bytes/,
      });
    }
    assert.deepEqual([(await get())?.revision, (await get())?.data.size], [1, 1]);
  });

  it('loses nothing of 24 writers in two processes', async (context) => {
    const { tasks, get, url } = await open(context);
    await tasks.put(ref('t', 'default'), state, putting(), signal);
    const processes = ['a', 'b'].map((name) => fork(writer, [url, name, '12']));
    await Promise.all(processes.map((process) => once(process, 'message')));
    for (const process of processes) process.send('go');
    const codes = await Promise.all(processes.map((process) => once(process, 'exit')));
    assert.deepEqual(
      codes.flat().filter((code) => code !== null),
      [0, 0],
    );
    const task = await get('t', 'default');
    assert.deepEqual([task?.revision, task?.data.size], [25, 25]);
    const history = (await tasks.transitions(ref('t', 'default'), signal))?.transitions ?? [];
    assert.deepEqual(
      history.map(({ revision }) => revision),
      Array.from({ length: 25 }, (_, at) => at + 1),
    );
  });
});

describe('the task store on a MongoDB that is killed', { skip: mongoMissing({ own: true }) ?? false }, () => {
  const server = mongoServer({ syncOnCommit: true });

  it('has one effect of every write that is repeated with its request id, and loses none', async () => {
    const killed = await server();
    await using opened = await openTasks(killed.url);
    const { tasks, link } = opened;
    const lanes = Array.from({ length: 6 }, (_, lane) => ref(`t${lane}`, 'default'));
    for (const lane of lanes) await tasks.put(lane, state, putting(), signal);
    const acknowledged = lanes.map(() => 0);
    let over = false;
    const writers = lanes.map(async (lane, index) => {
      for (let at = 0; !over; at++) {
        const set = new Map([[`k${at % 500}`, String(at)]]);
        const write = () =>
          tasks.patch(
            lane,
            { data: { replace: false, remove: [], set } },
            patching(`r${index}-${at}`),
            signal,
          );
        // Most are repeated by the store itself.
        await eventually(write, 30_000);
        acknowledged[index] = at + 1;
      }
    });
    const most = () => Math.max(...acknowledged);
    for (let round = 0; round < 3; round++) {
      const before = most();
      await eventually(() => assert.ok(most() > before + 5), 30_000);
      await delay(Math.random() * 100);
      await killed.kill();
      await killed.restart();
    }
    const before = most();
    await eventually(() => assert.ok(most() > before), 30_000);
    over = true;
    await Promise.all(writers);
    const revisions = await Promise.all(
      lanes.map(async (lane) => (await tasks.get(lane, reading, signal)).task?.revision),
    );
    assert.deepEqual(
      revisions,
      acknowledged.map((count) => count + 1),
    );
    assert.ok(link.topology.losses >= 3, 'the server was not lost');
  });
});
