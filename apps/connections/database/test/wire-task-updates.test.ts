/** UpdateTaskId of the wire contract over the socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accepted, startWithTask, stateOf } from './accepted-task.ts';
import { startWireDatabase } from './wire-database.ts';

describe('UpdateTaskId', () => {
  it('sets status, code and message, each alone', async () => {
    await using database = await startWithTask();
    const { client, update } = database;
    await update({ field: 'status', value: 'processing-file' });
    assert.deepEqual(await stateOf(client), { ...accepted, status: 'processing-file' });
    await update({ field: 'code', value: '200' });
    await update({ field: 'message', value: 'half way' });
    assert.deepEqual(await stateOf(client), {
      ...accepted,
      status: 'processing-file',
      code: 200,
      message: 'half way',
    });
  });

  it('also sets a message that is not empty, also over the field', async () => {
    await using database = await startWithTask();
    const { client, update } = database;
    await update({ field: 'status', value: 'warning', message: 'careful' });
    assert.deepEqual(await stateOf(client), { ...accepted, status: 'warning', message: 'careful' });
    await update({ field: 'status', value: 'success', message: '' });
    assert.equal((await stateOf(client))?.message, 'careful');
    await update({ field: 'message', value: 'one', message: 'two' });
    assert.equal((await stateOf(client))?.message, 'two');
  });

  for (const value of ['', 'two', '2.5', '0x10', '2147483648', ' 200', 'NaN']) {
    it(`with the code ${JSON.stringify(value)} is success=false and changes nothing`, async () => {
      await using database = await startWithTask();
      const rest = { message: 'other', data: new Map([['a', 'changed']]) };
      const reply = await database.update({ field: 'code', value, ...rest });
      assert.equal(reply.success, false);
      assert.notEqual(reply.message, '');
      assert.deepEqual(await stateOf(database.client), accepted);
    });
  }

  it('merges data, replaces it with reset_data, and leaves it alone when none is given', async () => {
    await using database = await startWithTask();
    const { client, update } = database;
    const status = { field: 'status', value: 'success' };
    await update({
      ...status,
      data: new Map([
        ['b', '3'],
        ['c', '4'],
      ]),
    });
    assert.deepEqual(
      (await stateOf(client))?.data,
      new Map([
        ['a', '1'],
        ['b', '3'],
        ['c', '4'],
      ]),
    );
    await update({ ...status, resetData: true });
    await update(status);
    assert.equal((await stateOf(client))?.data.size, 3);
    await update({ ...status, data: new Map([['z', '0']]), resetData: true });
    assert.deepEqual((await stateOf(client))?.data, new Map([['z', '0']]));
  });

  it('stores any other field beside the state and shows it in no reply', async () => {
    await using database = await startWithTask();
    const { client, update, drivers, signal } = database;
    for (const field of ['worker', '__proto__', 'a.b', '$x', 'Status', 'csv']) {
      assert.equal((await update({ field, value: `of ${field}` })).success, true);
    }
    assert.deepEqual(await stateOf(client), accepted);
    const ref = { namespace: 'default', category: 'validation', id: '1' };
    const { task } = await drivers.tasks.get(ref, { token: undefined, strong: true }, signal);
    assert.deepEqual(task?.fields.get('__proto__'), 'of __proto__');
    assert.equal(task?.fields.size, 6);
  });

  for (const field of ['task_id', 'task', 'import_name', 'data', '_id', 'cs', 'cs.revision', '']) {
    it(`of the field ${JSON.stringify(field)} is success=false and changes nothing`, async () => {
      await using database = await startWithTask();
      assert.equal((await database.update({ field, value: 'x', message: 'other' })).success, false);
      assert.deepEqual(await stateOf(database.client), accepted);
    });
  }

  it('of an unknown task is success=false and creates nothing', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const reply = await client.updateTaskId({
      taskId: '1',
      task: 'validation',
      field: 'status',
      value: 'success',
    });
    assert.equal(reply.success, false);
    assert.match(reply.message, /no task validation\/1/);
    assert.equal((await client.getTaskId({ taskId: '1', task: 'validation' })).found, false);
  });

  it('32 at once lose nothing of each other', async () => {
    await using database = await startWithTask();
    const names = Array.from({ length: 32 }, (_, index) => `n${index}`);
    const updates = names.map((name) =>
      database.update({ field: 'status', value: 'processing-file', data: new Map([[name, name]]) }),
    );
    assert.ok((await Promise.all(updates)).every(({ success }) => success));
    assert.deepEqual((await stateOf(database.client))?.data.size, 2 + names.length);
  });
});
