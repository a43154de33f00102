/** Tasks of the first implementation on MongoDB: read, carried on, and left readable for its own queries. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually, mongoMissing } from '@connections/testing';
import { type Document, Long, ObjectId } from 'mongodb';
import { MongoIndexes } from '../src/driver/mongo/mongo-indexes.ts';
import { taskIndexes } from '../src/driver/mongo/task-indexes.ts';
import type { TaskState } from '../src/port/tasks.ts';
import { mongoServer, openDatabase, openTasks } from './mongo-ports.ts';

const { signal } = new AbortController();
const ref = (id: string, category = 'validation') => ({ namespace: 'default', category, id });
const by = (requestId?: string) => ({ requestId, principal: 'ann', allowBuffered: false });
const patching = (expectedRevision?: number) => ({ ...by(), expectedRevision });
const putting = { ...by(), ifAbsent: false };
const reading = { token: undefined, strong: false };
const state = (data: Readonly<Record<string, string>>): TaskState => ({
  status: 'accepted',
  code: 202,
  message: 'new',
  data: new Map(Object.entries(data)),
});
const set = (data: Readonly<Record<string, string>>, remove: string[] = []) => ({
  data: { replace: false, remove, set: new Map(Object.entries(data)) },
});
const born = new Date('2024-03-01T10:00:00Z');
const idAt = (seconds: number) => ObjectId.createFromTime(born.getTime() / 1_000 + seconds);

/** Field by field as that implementation inserts a task. */
const first = (id: string, more: Document = {}): Document => ({
  task_id: id,
  task: 'validation',
  import_name: 'people',
  status: 'accepted',
  code: 202,
  message: 'taken',
  data: { import_name: 'people', rows: '7' },
  ...more,
});

describe('old tasks on MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  async function open(context: TestContext, documents: readonly Document[]) {
    const database = await openDatabase(await server());
    const collection = database.db.collection('tasks');
    if (documents.length > 0) await collection.insertMany([...documents]);
    const { link, tasks } = await openTasks(database.url);
    context.after(async () => {
      await link[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    });
    const get = async (id: string, category?: string) =>
      (await tasks.get(ref(id, category), reading, signal)).task;
    return { link, tasks, collection, get };
  }

  it('reads every layout', async (context) => {
    const { tasks, get } = await open(context, [
      first('whole', { _id: idAt(0) }),
      first('code as text', { _id: idAt(1), code: '404' }),
      first('code that is none', { code: 'soon' }),
      first('fields of clients', { owner: 'ann', 'a.b': 'c', tries: 3 }),
      first('other types', {
        message: null,
        data: { n: 5, l: Long.MAX_VALUE, o: { x: [1] }, b: true, z: null },
      }),
      { task_id: 'bare', task: 'validation' },
    ]);
    const whole = await get('whole');
    assert.deepEqual(whole, {
      ...{ namespace: 'default', category: 'validation', id: 'whole' },
      ...{ status: 'accepted', code: 202, message: 'taken', importName: 'people', fields: new Map() },
      data: new Map([
        ['import_name', 'people'],
        ['rows', '7'],
      ]),
      ...{ incarnation: String(idAt(0)), revision: 1 },
      ...{ createdAt: born.getTime(), updatedAt: born.getTime() },
    });
    assert.equal((await get('code as text'))?.code, 404);
    assert.equal((await get('code that is none'))?.code, 0);
    assert.deepEqual(
      (await get('fields of clients'))?.fields,
      new Map([
        ['owner', 'ann'],
        ['a.b', 'c'],
      ]),
    );
    const others = await get('other types');
    assert.equal(others?.message, '');
    assert.deepEqual(
      others?.data,
      new Map([
        ['n', '5'],
        ['l', '9223372036854775807'],
        ['o', '{"x":[1]}'],
        ['b', 'true'],
        ['z', ''],
      ]),
    );
    const bare = await get('bare');
    assert.deepEqual(
      [bare?.status, bare?.code, bare?.message, bare?.importName, bare?.data.size, bare?.revision],
      ['', 0, '', 'default', 0, 1],
    );
    assert.deepEqual((await tasks.transitions(ref('whole'), signal))?.transitions, []);
  });

  it('carries them on from their first revision', async (context) => {
    const { tasks, collection, get } = await open(context, [
      first('t', { code: '202', owner: 'ann', data: { import_name: 'people', rows: 7 } }),
      first('u', { owner: 'ann' }),
      { task_id: 'bare', task: 'validation' },
    ]);
    const before = await get('t');
    await assert.rejects(tasks.patch(ref('t'), { status: 'done' }, patching(2), signal), {
      status: 'ABORTED',
    });
    const change = {
      status: 'done',
      ...set({ $ref: 'x', 'a\0b': 'z', more: '1' }),
      fields: new Map([['cs', 'mine']]),
    };
    const { task } = await tasks.patch(ref('t'), change, patching(1), signal);
    assert.deepEqual(
      [task.revision, task.incarnation, task.createdAt],
      [2, before?.incarnation, before?.createdAt],
    );
    assert.deepEqual([task.code, task.importName], [202, 'people']);
    assert.deepEqual(Object.fromEntries(task.data), {
      ...{ import_name: 'people', rows: '7', more: '1', $ref: 'x', 'a\0b': 'z' },
    });
    assert.deepEqual(Object.fromEntries(task.fields), { owner: 'ann', cs: 'mine' });
    assert.deepEqual(await get('t'), task);
    const history = (await tasks.transitions(ref('t'), signal))?.transitions;
    assert.deepEqual(
      history?.map(({ revision, status }) => [revision, status]),
      [[2, 'done']],
    );
    // What nobody wrote over stays of the type that it was.
    const stored = await collection.findOne({ task_id: 't' });
    assert.deepEqual([stored?.code, stored?.data.rows], ['202', 7]);

    const put = await tasks.put(ref('u'), state({ import_name: 'places' }), putting, signal);
    assert.deepEqual([put.created, put.task.revision, put.task.fields.size], [false, 2, 0]);
    assert.equal((await tasks.patch(ref('bare'), set({ a: '1' }), patching(1), signal)).task.status, '');
    const removed = await tasks.patch(ref('t'), set({}, ['$ref', 'more', 'import_name']), patching(), signal);
    assert.deepEqual(
      [[...removed.task.data.keys()].sort(), removed.task.importName],
      [['a\0b', 'rows'], 'default'],
    );
  });

  it('are found by the queries of the first implementation after we wrote them', async (context) => {
    const { tasks, collection } = await open(context, [first('old'), first('gone'), first('changed')]);
    await tasks.put(ref('new'), state({ import_name: 'people' }), putting, signal);
    await tasks.patch(ref('changed'), { status: 'done', code: 200, ...set({ a: 'b' }) }, patching(), signal);
    await tasks.remove(ref('gone'), by('r1'), signal);
    await tasks.remove(ref('never there'), by(), signal);
    await tasks.put({ ...ref('old'), namespace: 'other' }, state({}), putting, signal);
    const plain = { projection: { _id: 0, cs: 0 } };
    assert.deepEqual(
      await collection.findOne({ task_id: 'changed', task: 'validation' }, plain),
      first('changed', { status: 'done', code: 200, data: { import_name: 'people', rows: '7', a: 'b' } }),
    );
    assert.deepEqual(
      await collection.findOne({ task_id: 'new', task: 'validation' }, plain),
      first('new', { message: 'new', data: { import_name: 'people' } }),
    );
    assert.equal(await collection.findOne({ task_id: 'gone', task: 'validation' }), null);
    for (const filter of [{ import_name: 'people', task: 'validation' }, { import_name: 'people' }]) {
      const found = await collection.find(filter).toArray();
      assert.deepEqual(found.map(({ task_id }) => task_id).sort(), ['changed', 'new', 'old']);
    }
    assert.equal(await collection.countDocuments({ task_id: { $exists: true } }), 3);
  });

  it('may be written by the first implementation in between', async (context) => {
    const { tasks, collection, get } = await open(context, []);
    await tasks.put(ref('t'), state({ import_name: 'people' }), putting, signal);
    await collection.updateOne(
      { task_id: 't', task: 'validation' },
      { $set: { status: 'failed', code: '500' } },
    );
    assert.deepEqual([(await get('t'))?.status, (await get('t'))?.code], ['failed', 500]);
    const { task } = await tasks.patch(ref('t'), { message: 'again' }, patching(1), signal);
    assert.deepEqual([task.status, task.code, task.revision], ['failed', 500, 2]);
    await collection.deleteOne({ task_id: 't', task: 'validation' });
    assert.equal(await get('t'), undefined);
    await collection.insertOne(first('t'));
    const again = await tasks.patch(ref('t'), { message: 'new life' }, patching(1), signal);
    assert.notEqual(again.task.incarnation, task.incarnation);
  });

  it('are listed behind ours, the newest first, page by page', async (context) => {
    const { tasks } = await open(
      context,
      [0, 1, 2, 3].map((at) => first(`old${at}`, { _id: idAt(at) })),
    );
    await tasks.patch(ref('old1'), { message: 'touched' }, patching(), signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await tasks.put(ref('new'), state({ import_name: 'people' }), putting, signal);
    await tasks.remove(ref('gone'), by(), signal);
    for (const filter of [{}, { category: 'validation', importName: 'people', status: 'accepted' }]) {
      const query = {
        namespace: 'default',
        category: undefined,
        importName: undefined,
        status: undefined,
        ...filter,
      };
      const met: string[] = [];
      let after: string | undefined;
      do {
        const page = await tasks.list(query, { after, limit: 1, maxBytes: 10_000 }, signal);
        met.push(...page.tasks.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(met, ['new', 'old1', 'old3', 'old2', 'old0']);
    }
  });

  it('refuses a patch that outgrows the bounds together with values that are no text', async (context) => {
    const { tasks, get } = await open(context, [first('t', { data: { n: 5, big: 'x'.repeat(700_000) } })]);
    await assert.rejects(tasks.patch(ref('t'), set({ more: 'y'.repeat(400_000) }), patching(), signal), {
      status: 'INVALID_ARGUMENT',
    });
    const many = Object.fromEntries(Array.from({ length: 999 }, (_, at) => [`k${at}`, '']));
    await assert.rejects(tasks.patch(ref('t'), set(many), patching(), signal), {
      status: 'INVALID_ARGUMENT',
    });
    const fields = new Map(Array.from({ length: 1_001 }, (_, at) => [`f${at}`, '']));
    await assert.rejects(tasks.patch(ref('t'), { fields }, patching(), signal), {
      status: 'INVALID_ARGUMENT',
    });
    assert.equal((await get('t'))?.revision, 1);
  });

  it('serves duplicates as one, says which they are, and builds the index when they are gone', async (context) => {
    const [oldest, younger] = [idAt(0), idAt(1)];
    const { link, tasks, collection, get } = await open(context, [
      first('twice', { _id: oldest, message: 'oldest' }),
      first('twice', { _id: younger, message: 'younger' }),
      first('once'),
    ]);
    const [problem, ...others] = tasks.indexes.problems;
    assert.deepEqual(others, []);
    assert.match(problem ?? '', /cs_identity .*Delete all but one of each/);
    for (const id of [oldest, younger]) assert.ok(problem?.includes(String(id)), problem);
    assert.ok(!problem?.includes('twice'), 'it names what callers named');
    assert.equal((await get('twice'))?.message, 'oldest');
    assert.equal((await tasks.patch(ref('twice'), { code: 1 }, patching(1), signal)).task.message, 'oldest');
    assert.equal((await tasks.remove(ref('twice'), by('r1'), signal)).removed, true);
    assert.equal(await get('twice'), undefined);
    assert.equal((await tasks.remove(ref('twice'), by('r1'), signal)).removed, true);
    assert.equal((await collection.findOne({ task_id: 'twice' })) ?? undefined, undefined);
    const ours = link.collection('tasks');
    const indexes = new MongoIndexes(link, taskIndexes(ours, { spaced: false }), { retryMs: 50 });
    await eventually(() => assert.ok(indexes.isBuilt('cs_identity', ours)));
    assert.deepEqual(indexes.problems, []);
  });

  it('takes an index of the operator for ours where it does the same', async (context) => {
    const { tasks, collection, link } = await open(context, [first('t')]);
    await collection.dropIndex('cs_identity');
    await collection.createIndex({ task: 1, task_id: 1 }, { name: 'mine', unique: true, sparse: true });
    const ours = link.collection('tasks');
    const indexes = new MongoIndexes(link, taskIndexes(ours, { spaced: false }));
    await indexes.tried;
    assert.deepEqual([indexes.problems, indexes.isBuilt('cs_identity', ours)], [[], true]);
    assert.equal((await tasks.get(ref('t'), reading, signal)).task?.id, 't');
  });
});
