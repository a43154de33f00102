/** Old data with a task and a schema that are there twice: the service serves them, says which they are, and what to do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, mongoMissing, redisMissing } from '@connections/testing';
import { type Document, ObjectId } from 'mongodb';
import { onTheWire, people, typedSchema } from './first-schemas.ts';
import { taken } from './old-data.ts';
import { oldStores } from './old-stores.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;
/** An index that cannot be built is tried again every half minute, and health asks every few seconds. */
const goneWithinMs = 90_000;

const idAt = (seconds: number) => ObjectId.createFromTime(1_700_000_000 + seconds);
const task = (_id: ObjectId, message: string, task_id = 'twice') => ({
  ...{ _id, task_id, task: 'validation', import_name: 'people' },
  ...{ ...taken({ import_name: 'people' }), message },
});
const tasks: Document[] = [task(idAt(0), 'older'), task(idAt(1), 'younger'), task(idAt(2), 'only', 'once')];
const schemas: Document[] = [
  { _id: idAt(3), ...people },
  { _id: idAt(4), ...people, active_schema: typedSchema(4) },
  { _id: idAt(5), ...people, import_name: 'once' },
];
/** Beside these. SecantusDB may hang when a write and an index make a collection at once. */
const made = [
  'old_tasks_namespaces',
  ...['namespaces', 'versions', 'removals'].map((end) => `old_schemas_${end}`),
];
const twins = [idAt(0), idAt(1), idAt(3), idAt(4)].map(String);

describe('old data with duplicates', { skip, timeout: 180_000 }, () => {
  const stores = oldStores(
    async ({ mongo }) => {
      for (const name of made) await mongo.createCollection(name);
      await mongo.collection('old_tasks').insertMany(tasks);
      await mongo.collection('old_schemas').insertMany(schemas);
    },
    { MONGO_TASKS_COLLECTION: 'old_tasks', MONGO_SCHEMAS_COLLECTION: 'old_schemas' },
  );

  it('is served, and named until the operator has chosen', async () => {
    const { service, client, mongo } = stores();
    const [old, collected] = [mongo.collection('old_tasks'), mongo.collection('old_schemas')];
    const indexed = async (collection: typeof old) =>
      (await collection.indexes()).find(({ name }) => name === 'cs_identity')?.unique;

    const { status, reason } = await eventually(async () => {
      const ready = await service.readiness();
      for (const twin of twins) assert.ok(ready.reason.includes(twin), ready.reason);
      return ready;
    }, goneWithinMs);
    assert.equal(status, 200);
    for (const port of ['tasks', 'schemas']) {
      const said = new RegExp(
        `the ${port} store: the index cs_identity on typechecking.old_${port} cannot be built`,
      );
      assert.match(reason, said);
    }
    assert.match(reason, /^degraded: .*Delete all but one of each/);
    assert.ok(!reason.includes('twice') && !reason.includes('people'), 'it names what callers named');
    const warned = service.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
    assert.equal(warned.length, 2);
    for (const twin of twins) assert.ok(warned.join().includes(twin), String(warned));

    const ref = { taskId: 'twice', task: 'validation' };
    assert.equal((await client.getTaskId(ref)).value?.message, 'older');
    assert.equal((await client.updateTaskId({ ...ref, field: 'message', value: 'written' })).success, true);
    const messages = (await old.find({ task_id: 'twice' }, { sort: { _id: 1 } }).toArray()).map(
      ({ message }) => message,
    );
    assert.deepEqual(messages, ['written', 'younger']);
    const value = { ...taken({}), data: new Map() };
    assert.equal((await client.setTaskId({ taskId: 'new', task: 'validation', value })).success, true);
    const schema = async (importName: string) => (await client.mongoFindJsonSchema({ importName })).schema;
    assert.deepEqual(await schema('people'), onTheWire(3));
    const wanted = { createdAt: 'day 5', activeSchema: onTheWire(5) };
    assert.equal((await client.mongoInsertOneSchema({ importName: 'people', ...wanted })).status, 'updated');
    assert.equal((await client.mongoInsertOneSchema({ importName: 'new', ...wanted })).status, 'inserted');
    assert.deepEqual(await schema('people'), onTheWire(5));
    assert.deepEqual((await collected.findOne({ _id: idAt(4) }))?.active_schema, typedSchema(4));
    assert.deepEqual([await indexed(old), await indexed(collected)], [undefined, undefined]);
    assert.ok(
      (await old.indexes()).some(({ name }) => name === 'cs_list_import_name'),
      'the others are there',
    );

    await old.deleteOne({ _id: idAt(1) });
    await collected.deleteOne({ _id: idAt(4) });
    await eventually(async () => {
      await sleep(200);
      assert.deepEqual(await service.readiness(), { status: 200, reason: 'serving' });
    }, goneWithinMs);
    assert.deepEqual([await indexed(old), await indexed(collected)], [true, true]);
    assert.equal((await client.getTaskId(ref)).value?.message, 'written');
    assert.deepEqual(await schema('people'), onTheWire(5));
  });
});
