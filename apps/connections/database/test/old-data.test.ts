/**
 * The wire contract on what the first implementation left in Redis and MongoDB: the service as a process, with nothing set
 * but the old variables. What it leaves is looked at as the first implementation does, which may go on with it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wireDatabaseService } from '@connections/proto-utils';
import { PropertyType } from '@connections/proto-utils/wire/utils';
import { eventually, mongoMissing, redisMissing } from '@connections/testing';
import { carryOn } from './carried-schema.ts';
import { onTheWire, typedSchema } from './first-schemas.ts';
import {
  beside,
  isOfView,
  ofPeople,
  schemasOf,
  seedCache,
  seedSchemas,
  seedTasks,
  taken,
  tasksOf,
} from './old-data.ts';
import { oldStores } from './old-stores.ts';

const seenWithinMs = 10_000;
const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;

describe('on the data of the first implementation', { skip }, () => {
  const stores = oldStores(async (raw) => {
    await seedTasks(raw);
    await seedCache(raw);
    await seedSchemas(raw);
  });

  it('the service starts and has nothing to say', async () => {
    const { service, client } = stores();
    assert.deepEqual(await service.readiness(), { status: 200, reason: 'serving' });
    assert.deepEqual(
      [await client.redisPing({}), await client.mongoPing({})],
      [{ pong: true }, { pong: true }],
    );
    assert.deepEqual(
      service.log.filter(({ level }) => level === 'warn' || level === 'error'),
      [],
    );
  });

  it('tasks are read in every layout', async () => {
    const { client } = stores();
    const read = async (taskId: string, task = 'validation') =>
      (await client.getTaskId({ taskId, task })).value;
    const shown = { ...taken({}), data: new Map(Object.entries(ofPeople)) };
    for (const id of ['whole', 'fields']) assert.deepEqual(await read(id), shown);
    assert.deepEqual(await read('code'), { ...shown, status: 'error', code: 404 });
    assert.deepEqual(await read('nobody'), { ...shown, data: new Map([['rows', '1']]) });
    assert.equal((await read('whole', 'schemas'))?.status, 'schema-created');
    for (const [taskId, task] of [
      ['unknown', 'validation'],
      ['code', 'schemas'],
    ]) {
      assert.deepEqual(await client.getTaskId({ taskId, task }), { found: false, value: undefined });
    }
    const listed = async (importName: string, task = 'validation') =>
      (await client.getTasksByImportName({ importName, task })).tasks;
    assert.deepEqual(
      (await listed('people')).map(({ code }) => code).toSorted(),
      [202, 202, 202, 202, 202, 404],
    );
    assert.deepEqual(await listed('default'), [await read('nobody')]);
    assert.deepEqual(await listed('places', 'schemas'), [await read('whole', 'schemas')]);
    assert.deepEqual(await listed('places'), []);
  });

  it('tasks are carried on where the first implementation finds them', async () => {
    const { client } = stores();
    const first = tasksOf(stores());
    const ref = (taskId: string) => ({ taskId, task: 'validation' });
    const old = (id: string) => ({
      task_id: id,
      task: 'validation',
      import_name: 'people',
      ...taken(ofPeople),
    });
    const id = (await first.find('whole'))?._id;

    const data = new Map(Object.entries({ rows: '8', more: 'x' }));
    const change = { field: 'status', value: 'processing-file', message: 'on', data };
    assert.equal((await client.updateTaskId({ ...ref('whole'), ...change })).success, true);
    const changed = { ...old('whole'), status: 'processing-file', message: 'on' };
    assert.deepEqual(await first.shown('whole'), { ...changed, data: { ...ofPeople, rows: '8', more: 'x' } });
    assert.deepEqual((await first.find('whole'))?._id, id);
    assert.equal((await first.shown('whole', 'schemas'))?.status, 'schema-created');

    // What nobody wrote over stays as it was; a code that is written is a number from then on.
    await client.updateTaskId({ ...ref('code'), field: 'status', value: 'failed-creating-schema' });
    const failed = { ...old('code'), status: 'failed-creating-schema', code: '404' };
    assert.deepEqual(await first.shown('code'), failed);
    assert.equal(
      (await client.updateTaskId({ ...ref('code'), field: 'code', value: 'soon' })).success,
      false,
    );
    for (const field of ['task_id', 'task', 'import_name', 'data', '_id', 'cs', 'cs.rev', '']) {
      assert.equal((await client.updateTaskId({ ...ref('code'), field, value: 'x' })).success, false, field);
    }
    assert.deepEqual(await first.shown('code'), failed);
    await client.updateTaskId({ ...ref('code'), field: 'code', value: '500' });
    assert.deepEqual(await first.shown('code'), { ...failed, code: 500 });

    const reset = { ...ref('reset'), field: 'message', value: 'new', resetData: true };
    await client.updateTaskId(reset);
    assert.deepEqual(await first.shown('reset'), { ...old('reset'), message: 'new' });
    await client.updateTaskId({ ...reset, data: new Map([['import_name', 'places']]) });
    const moved = { ...old('reset'), message: 'new', import_name: 'places', data: { import_name: 'places' } };
    assert.deepEqual(await first.shown('reset'), moved);

    await client.updateTaskId({ ...ref('fields'), field: 'team', value: 'b' });
    assert.deepEqual(await first.shown('fields'), { ...old('fields'), owner: 'ann', team: 'b' });
    const value = { status: 'completed', code: 200, message: '', data: new Map([['a', '1']]) };
    await client.setTaskId({ ...ref('fields'), value });
    const replaced = { ...value, import_name: 'default', data: { a: '1' } };
    assert.deepEqual(await first.shown('fields'), { ...old('fields'), ...replaced });
    await client.setTaskId({
      ...ref('made'),
      value: { ...value, data: new Map([['import_name', 'people']]) },
    });
    const made = { ...old('made'), ...value, data: { import_name: 'people' } };
    assert.deepEqual(await first.shown('made'), made);

    const removals = [await client.removeTaskId(ref('going')), await client.removeTaskId(ref('going'))];
    assert.deepEqual(
      removals.map(({ success }) => success),
      [true, false],
    );
    const unknown = await client.updateTaskId({ ...ref('unknown'), field: 'status', value: 'x' });
    assert.equal(unknown.success, false);
    for (const gone of ['going', 'unknown']) assert.equal(await first.find(gone), null);
    assert.deepEqual(await first.ofImportName('people'), ['back', 'code', 'made', 'whole']);
    assert.deepEqual(await first.ofImportName('places'), ['reset']);
    assert.deepEqual(await first.ofImportName('default'), ['fields', 'nobody']);
  });

  it('tasks may go back to the first implementation, and come again', async () => {
    const { client, mongo } = stores();
    const first = tasksOf(stores());
    // Without them a removal by others is seen when the entry of the view expires.
    await mongo.command({ collMod: 'tasks', changeStreamPreAndPostImages: { enabled: true } });
    const ref = { taskId: 'back', task: 'validation' };
    const data = new Map([['import_name', 'returned']]);
    await client.updateTaskId({ ...ref, field: 'status', value: 'warning', data });
    await first.update('back', 'code', '500');
    // What others write reaches the view by the feed.
    await eventually(async () => {
      const { value } = await client.getTaskId(ref);
      assert.deepEqual([value?.status, value?.code], ['warning', 500]);
    }, seenWithinMs);
    await first.remove('back');
    await eventually(async () => assert.equal((await client.getTaskId(ref)).found, false), seenWithinMs);
    assert.deepEqual((await client.getTasksByImportName({ ...ref, importName: 'returned' })).tasks, []);
    await first.set('back', taken({ import_name: 'returned' }));
    await client.updateTaskId({ ...ref, field: 'status', value: 'completed' });
    assert.equal((await first.shown('back'))?.status, 'completed');
    const { tasks } = await client.getTasksByImportName({ ...ref, importName: 'returned' });
    assert.deepEqual(
      tasks.map(({ status }) => status),
      ['completed'],
    );
  });

  it('cache entries are read, written and cleared, and nothing beside them', async () => {
    const { client, redis } = stores();
    const before = await beside(redis);
    const [hash, set] = ['validation:task:whole', 'validation:import:people:tasks'];
    const hidden = [hash, set, 'cs:of ours', 'validation:task:as text'];
    for (const key of hidden) assert.ok(before.has(key), key);
    const entries = new Map([
      ['for good', ''],
      ['schema:größe', '{"type": "object"}'],
      ['user:ann', '{"name": "Ann"}'],
      ['users', '[]'],
    ]);
    const keys = async (pattern: string) => (await client.redisGetKeys({ pattern })).keys.toSorted();
    assert.deepEqual(await keys('*'), [...entries.keys()]);
    assert.deepEqual(await keys('user*'), ['user:ann', 'users']);
    assert.deepEqual((await client.redisGetCache({})).cache, entries);
    for (const [key, value] of entries)
      assert.deepEqual(await client.redisGet({ key }), { found: true, value });
    for (const key of [...hidden, 'a list of somebody']) {
      assert.deepEqual(await client.redisGet({ key }), { found: false, value: undefined });
      assert.deepEqual(await keys(key), []);
    }
    for (const key of hidden) assert.equal((await client.redisSet({ key, value: 'x' })).success, false, key);
    assert.equal((await client.redisDelete({ keys: [...hidden, 'users'] })).count, 1);

    assert.equal((await client.redisSet({ key: 'user:ann', value: 'new', expiration: 60 })).success, true);
    assert.equal((await client.redisSet({ key: 'for good', value: 'no more' })).success, true);
    assert.deepEqual(await redis.mGet(['user:ann', 'for good', 'users']), ['new', 'no more', null]);
    const lives = [await redis.ttl('user:ann'), await redis.ttl('for good')];
    for (const [at, most] of [60, 1_800].entries()) {
      const seconds = lives[at] ?? 0;
      assert.ok(seconds > most - 30 && seconds <= most, `it lives ${seconds} s of ${most}`);
    }
    assert.deepEqual(await client.redisClearCache({}), { success: true });
    assert.deepEqual(await keys('*'), []);
    assert.equal((await client.redisGetCache({})).cache.size, 0);
    assert.deepEqual(await beside(redis), before);
    assert.equal((await redis.keys('*')).filter((key) => !isOfView(key)).length, before.size);
    assert.ok((await redis.ttl(hash)) > 0 && (await redis.ttl(set)) > 0);
  });

  it('schemas are read in every layout', async () => {
    const { client, mongo } = stores();
    const first = schemasOf(stores());
    for (const importName of ['people', 'nested', 'bare', 'mixed', 'first', 'none']) {
      const found = await client.mongoFindJsonSchema({ importName });
      assert.deepEqual([found.status, found.schema], ['found', onTheWire(3)], importName);
      const { schemasReleases, ...raw } = await client.mongoGetRawSchemas({ importName });
      const id = String((await first.find(importName))?._id);
      assert.deepEqual(raw, { id, importName, createdAt: 'day 3', activeSchema: onTheWire(3) });
      const hasReleases = !['first', 'none'].includes(importName);
      assert.deepEqual(
        schemasReleases.map(({ schema }) => schema),
        hasReleases ? [onTheWire(1), onTheWire(2)] : [],
        importName,
      );
    }
    const { schemasReleases } = await client.mongoGetRawSchemas({ importName: 'mixed' });
    const [bare, wrapped] = schemasReleases.map(({ createdAt }) => createdAt);
    assert.ok(Math.abs(Date.parse(bare ?? '') - Date.now()) < 600_000, `a bare release is of ${bare}`);
    assert.equal(wrapped, 'day 2');
    const { schema } = await client.mongoFindJsonSchema({ importName: 'others' });
    assert.deepEqual(
      [...(schema?.properties.values() ?? [])],
      [
        { type: PropertyType.NUMBER, extra: new Map([['maximum', '1.0']]) },
        { type: PropertyType.BOOLEAN, extra: new Map([['default', 'false']]) },
      ],
    );

    assert.equal((await client.mongoFindJsonSchema({ importName: 'unknown' })).status, 'not_found');
    assert.equal((await client.mongoGetRawSchemas({ importName: 'unknown' })).id, '');
    const { schemas } = await client.mongoGetSchemasByImportRegex({ importName: '(ar|ix)e' });
    assert.deepEqual(schemas.map(({ importName }) => importName).toSorted(), ['bare', 'mixed']);
    const { amount } = await client.mongoCountAllDocuments({});
    assert.equal(amount, await mongo.collection('schemas').countDocuments());
  });

  for (const importName of ['people', 'nested', 'bare', 'mixed', 'first', 'none']) {
    it(`a schema is carried on where the first implementation finds it: ${importName}`, () =>
      carryOn(stores(), importName));
  }

  it('schemas are made and removed where the first implementation finds them', async () => {
    const { client, mongo } = stores();
    const first = schemasOf(stores());
    const request = { importName: 'made', createdAt: 'day 1' };
    const unknown = await client.mongoUpdateOneJsonSchema({ ...request, schema: onTheWire(1) });
    assert.equal(unknown.status, 'error');
    assert.equal(await first.find('made'), null);
    const inserted = await client.mongoInsertOneSchema({ ...request, activeSchema: onTheWire(1) });
    assert.equal(inserted.status, 'inserted');
    const shown = await first.shown('made');
    assert.deepEqual(shown, {
      _id: shown?._id,
      ...{ import_name: 'made', created_at: 'day 1' },
      ...{ active_schema: typedSchema(1), schemas_releases: [] },
    });
    assert.equal(inserted.result.get('inserted_id'), String(shown?._id));
    const remove = async (importName: string) => (await client.mongoDeleteImportName({ importName })).status;
    for (const name of ['made', 'going'])
      assert.deepEqual([await remove(name), await remove(name)], ['deleted', 'error']);
    const left = (await first.names()).join();
    assert.ok(!left.includes('made') && !left.includes('going'), left);
    assert.equal(
      (await client.mongoCountAllDocuments({})).amount,
      await mongo.collection('schemas').countDocuments(),
    );
  });

  it('every call of the wire contract was made', () => {
    const paths = Object.values(wireDatabaseService.methods).map(({ path }) => path);
    assert.deepEqual([...stores().called].toSorted(), paths.toSorted());
  });
});
