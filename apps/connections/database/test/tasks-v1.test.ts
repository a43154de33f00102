/** Tests connections.tasks.v1 over a socket: what it does, and what it answers to bad input. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { taskService } from '@connections/proto-utils';
import { Durability, Source, type Task } from '@connections/proto-utils/v1/tasks';
import { limits } from '@connections/runtime';
import { notUtf8, oddNames, rawField, refuses, refusesFields, startDatabase } from './v1-database.ts';

const ref = { category: 'validation', id: 't-1' };
const data = (entries: Record<string, string>) => new Map(Object.entries(entries));
const state = (status: string, entries: Record<string, string> = {}) => ({
  status,
  code: 200,
  message: `it is ${status}`,
  data: data(entries),
});
const idsOf = (tasks: readonly Task[]) => tasks.map(({ id }) => id);

it('a task is created once, and read back with where it came from', async () => {
  await using database = await startDatabase();
  const { tasks, clock } = database;
  const created = await tasks.create({
    ...ref,
    state: state('accepted', { import_name: 'people', rows: '3' }),
  });
  assert.equal(created.durability, Durability.DURABILITY_DURABLE);
  assert.deepEqual(created.task, {
    namespace: 'default',
    ...ref,
    importName: 'people',
    ...state('accepted', { import_name: 'people', rows: '3' }),
    revision: 1n,
    createTime: new Date(clock.now()),
    updateTime: new Date(clock.now()),
    statusTtl: { seconds: 1_800n, nanos: 0 },
  });
  const read = await tasks.get({ ...ref, token: created.token, strong: true });
  assert.deepEqual(read.task, created.task);
  assert.equal(read.source, Source.SOURCE_AUTHORITY);
  await refuses(tasks.create({ ...ref, state: state('accepted') }), 'ALREADY_EXISTS', 'TASK_EXISTS');
});

it('the time that a status may be served for follows its policy', async () => {
  await using database = await startDatabase({ TASK_TTL_FAILED_SECONDS: '77', DEFAULT_TTL_SECONDS: '66' });
  const ttlOf = async (status: string) =>
    (await database.tasks.put({ ...ref, state: state(status) })).task?.statusTtl?.seconds;
  assert.equal(await ttlOf('completed'), 86_400n);
  assert.equal(await ttlOf('failed-saving-schema'), 77n);
  assert.equal(await ttlOf('stalled'), 66n);
});

it('putting replaces the whole state; patching changes what is given', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  const first = await tasks.put({ ...ref, state: state('accepted', { a: '1', b: '2' }) });
  const second = await tasks.put({ ...ref, state: state('completed', { c: '3' }) });
  assert.deepEqual([first.created, second.created], [true, false]);
  assert.deepEqual(second.task?.data, data({ c: '3' }));
  assert.equal(second.task?.importName, 'default');

  const merged = await tasks.patch({ ...ref, data: data({ d: '4' }) });
  assert.deepEqual(merged.task?.data, data({ c: '3', d: '4' }));
  assert.deepEqual([merged.task?.status, merged.task?.message], ['completed', 'it is completed']);
  const removed = await tasks.patch({
    ...ref,
    removeData: ['c', 'none'],
    data: data({ e: '5' }),
    code: 0,
    message: '',
  });
  assert.deepEqual(removed.task?.data, data({ d: '4', e: '5' }));
  assert.deepEqual([removed.task?.code, removed.task?.message], [0, '']);
  const replaced = await tasks.patch({ ...ref, replaceData: true, data: data({ import_name: 'people' }) });
  assert.deepEqual(replaced.task?.data, data({ import_name: 'people' }));
  assert.equal(replaced.task?.importName, 'people');
  assert.equal((await tasks.patch({ ...ref, replaceData: true })).task?.data.size, 0);
});

it('an unknown task is NOT_FOUND to every call, never a state of its own', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  const calls = [
    () => tasks.get(ref),
    () => tasks.patch({ ...ref, status: 'completed' }),
    () => tasks.listTransitions(ref),
    () => tasks.remove(ref),
  ];
  for (const call of calls) await refuses(call(), 'NOT_FOUND', 'TASK_NOT_FOUND');
  await refuses(tasks.get(ref), 'NOT_FOUND', 'TASK_NOT_FOUND');
  await tasks.create({ ...ref, state: state('accepted') });
  await refuses(tasks.get({ ...ref, namespace: 'other' }), 'NOT_FOUND', 'TASK_NOT_FOUND');
  await tasks.remove(ref);
  await refuses(tasks.get(ref), 'NOT_FOUND', 'TASK_NOT_FOUND');
});

it('a patch on another revision than expected is ABORTED and changes nothing', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  await tasks.create({ ...ref, state: state('accepted') });
  await tasks.patch({ ...ref, status: 'processing-file', expectedRevision: 1n });
  const late = tasks.patch({ ...ref, status: 'completed', expectedRevision: 1n });
  await refuses(late, 'ABORTED', 'TASK_REVISION_CONFLICT');
  assert.equal((await tasks.get(ref)).task?.status, 'processing-file');
});

it('a request id that comes again has no second effect', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  const creation = { ...ref, state: state('accepted'), requestId: 'r-1' };
  await tasks.create(creation);
  assert.equal((await tasks.create(creation)).task?.revision, 1n);
  const change = { ...ref, status: 'completed', requestId: 'r-2' };
  await tasks.patch(change);
  assert.equal((await tasks.patch(change)).task?.revision, 2n);
});

it('lists the tasks that match every filter, the last changed first, page by page', async () => {
  await using database = await startDatabase();
  const { tasks, clock } = database;
  for (const [id, category, importName, status] of [
    ['1', 'validation', 'people', 'accepted'],
    ['2', 'validation', 'people', 'completed'],
    ['3', 'validation', 'places', 'accepted'],
    ['4', 'schemas', 'people', 'accepted'],
  ] as const) {
    await clock.advance(1_000);
    await tasks.create({ category, id, state: state(status, { import_name: importName }) });
  }
  const list = async (filter: object) => idsOf((await tasks.list(filter)).tasks);
  assert.deepEqual(await list({}), ['4', '3', '2', '1']);
  assert.deepEqual(await list({ category: 'validation' }), ['3', '2', '1']);
  assert.deepEqual(await list({ importName: 'people', status: 'accepted' }), ['4', '1']);
  assert.deepEqual(await list({ category: 'validation', importName: 'people' }), ['2', '1']);
  assert.deepEqual(await list({ status: 'nothing' }), []);
  assert.deepEqual(await list({ namespace: 'other' }), []);

  await clock.advance(1_000);
  await tasks.patch({ category: 'validation', id: '1', status: 'completed' });
  const found: string[] = [];
  let pageToken = '';
  do {
    const page = await tasks.list({ category: 'validation', pageSize: 2, pageToken });
    assert.equal(page.source, Source.SOURCE_AUTHORITY);
    assert.equal(page.partial, false);
    found.push(...idsOf(page.tasks));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(found, ['1', '3', '2']);

  const { nextPageToken } = await tasks.list({ pageSize: 1 });
  for (const foreign of [{ category: 'validation' }, { namespace: 'other' }, { importName: 'people' }]) {
    const call = tasks.list({ ...foreign, pageToken: nextPageToken });
    await refuses(call, 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
  }
});

it('keeps the history of the status, oldest first, with who changed it', async () => {
  await using database = await startDatabase();
  const { tasks, clock } = database;
  await tasks.create({ ...ref, state: state('accepted') });
  await clock.advance(5_000);
  await tasks.patch({ ...ref, data: data({ rows: '1' }) });
  await tasks.patch({ ...ref, status: 'completed', code: 201, message: 'done' });
  const { transitions, source } = await tasks.listTransitions(ref);
  assert.equal(source, Source.SOURCE_AUTHORITY);
  assert.deepEqual(
    transitions.map(({ status, revision, principal }) => [status, revision, principal]),
    [
      ['accepted', 1n, 'anonymous'],
      ['completed', 3n, 'anonymous'],
    ],
  );
  assert.deepEqual(transitions[1], {
    revision: 3n,
    time: new Date(clock.now()),
    status: 'completed',
    code: 201,
    message: 'done',
    principal: 'anonymous',
  });
});

it('odd names are names like any other', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  for (const id of oddNames) {
    const odd = { [id]: id, import_name: id };
    await tasks.create({ category: id.slice(0, 60), id, state: state(id.slice(0, 60), odd) });
    const { task } = await tasks.get({ category: id.slice(0, 60), id });
    assert.equal(task?.data.get(id), id);
    assert.deepEqual(idsOf((await tasks.list({ importName: id })).tasks), [id]);
  }
});

it('bad fields are INVALID_ARGUMENT, all of a request at once', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  await refusesFields(tasks.get({ category: '', id: '' }), 'category', 'id');
  await refusesFields(tasks.get({ category: 'x'.repeat(129), id: 'x'.repeat(513) }), 'category', 'id');
  await refusesFields(tasks.create(ref), 'state.status');
  await refusesFields(tasks.create({ ...ref, state: state('x'.repeat(129)) }), 'state.status');
  await refusesFields(tasks.put({ ...ref, state: state('a\nb') }), 'state.status');
  const large = 'x'.repeat(limits.taskBytes);
  await refusesFields(tasks.put({ ...ref, state: state('accepted', { large }) }), 'state.data');
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [index, '']));
  await refusesFields(tasks.put({ ...ref, state: state('accepted', many) }), 'state.data');
  const named = state('accepted', { import_name: 'a\0b' });
  await refusesFields(tasks.put({ ...ref, state: named }), 'state.data["import_name"]');
  await refusesFields(
    tasks.patch({ ...ref, status: '', requestId: 'x'.repeat(129) }),
    'status',
    'request_id',
  );
  for (const expectedRevision of [0n, -1n, 2n ** 62n]) {
    await refusesFields(tasks.patch({ ...ref, expectedRevision }), 'expected_revision');
  }
  await refusesFields(tasks.patch({ ...ref, data: data({ large }) }), 'data');
  for (const pageSize of [-1, 1_001]) await refusesFields(tasks.list({ pageSize }), 'page_size');
  const filters = { namespace: '\n', category: '\n', importName: '\n', status: '\n' };
  await refusesFields(tasks.list(filters), 'namespace', 'category', 'import_name', 'status');
  await refusesFields(tasks.remove({ ...ref, namespace: 'x'.repeat(65) }), 'namespace');
  const sent = database.send(taskService.methods.get, rawField(3, notUtf8));
  await refuses(sent, 'INVALID_ARGUMENT', 'MALFORMED_MESSAGE');
  assert.deepEqual((await tasks.list({})).tasks, []);
});

it('patches cannot make a task larger than its limit by small steps', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  await tasks.create({ ...ref, state: state('accepted', { a: 'x'.repeat(limits.taskBytes / 2) }) });
  const more = { ...ref, data: data({ b: 'x'.repeat(limits.taskBytes / 2) }) };
  await refusesFields(tasks.patch(more), 'data');
  const keys = (from: number, count: number) =>
    new Map(Array.from({ length: count }, (_, index) => [`k${from + index}`, '']));
  await tasks.patch({ ...ref, data: keys(0, 600) });
  await refusesFields(tasks.patch({ ...ref, data: keys(600, 600) }), 'data');
  assert.equal((await tasks.get(ref)).task?.data.size, 601);
  await tasks.patch({ ...ref, data: keys(600, 600), replaceData: true });
});

it('32 patches of one task at once lose no merge', async () => {
  await using database = await startDatabase();
  const { tasks } = database;
  await tasks.create({ ...ref, state: state('accepted') });
  const entries = Array.from({ length: 32 }, (_, index) => [`key ${index}`, `value ${index}`] as const);
  await Promise.all(entries.map((entry) => tasks.patch({ ...ref, data: new Map([entry]) })));
  const { task } = await tasks.get(ref);
  assert.deepEqual(new Map([...(task?.data ?? [])].sort()), new Map([...entries].sort()));
  assert.equal(task?.revision, 33n);
});
