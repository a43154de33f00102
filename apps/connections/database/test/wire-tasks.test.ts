/** The wire contract's task calls over the socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure } from '@connections/runtime/errors';
import { accepted, startWithTask, stateOf } from './accepted-task.ts';
import { startWireDatabase, trailersOf, withStatus } from './wire-database.ts';

const unreachable = () => Promise.reject(failure('STORE_UNREACHABLE', { store: 'task' }));
describe('SetTaskId', () => {
  it('creates a task and replaces the whole of one', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const set = (value: object) => client.setTaskId({ taskId: '1', task: 'validation', value });
    assert.equal((await set(accepted)).success, true);
    assert.deepEqual(await stateOf(client), accepted);
    assert.equal((await set({ status: 'completed' })).success, true);
    assert.deepEqual(await stateOf(client), { status: 'completed', code: 0, message: '', data: new Map() });
  });

  it('without a value, a status or an id is success=false and creates nothing', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const request of [
      { taskId: '1', task: 'validation' },
      { taskId: '1', task: 'validation', value: { message: 'no status' } },
      { taskId: '', task: 'validation', value: accepted },
      { taskId: '1', task: '', value: accepted },
    ]) {
      const reply = await client.setTaskId(request);
      assert.equal(reply.success, false);
      assert.notEqual(reply.message, '');
    }
    assert.equal((await client.getTaskId({ taskId: '1', task: 'validation' })).found, false);
  });

  it('keeps data under any name', async () => {
    await using database = await startWireDatabase();
    const data = new Map(['__proto__', 'constructor', 'a.b', '$x', ''].map((name) => [name, `of ${name}`]));
    await database.client.setTaskId({ taskId: '__proto__', task: '$x', value: { ...accepted, data } });
    assert.deepEqual((await stateOf(database.client, '__proto__', '$x'))?.data, data);
  });
});

describe('GetTaskId and RemoveTaskId', () => {
  it('GetTaskId of an unknown task, or of another category, is found=false', async () => {
    await using database = await startWithTask();
    const { client } = database;
    assert.deepEqual(await client.getTaskId({ taskId: '2', task: 'validation' }), {
      found: false,
      value: undefined,
    });
    assert.equal((await client.getTaskId({ taskId: '1', task: 'schemas' })).found, false);
  });

  it('RemoveTaskId removes a task once', async () => {
    await using database = await startWithTask();
    const { client } = database;
    const request = { taskId: '1', task: 'validation' };
    assert.equal((await client.removeTaskId(request)).success, true);
    assert.equal((await client.getTaskId(request)).found, false);
    const again = await client.removeTaskId(request);
    assert.equal(again.success, false);
    assert.notEqual(again.message, '');
  });
});

describe('GetTasksByImportName', () => {
  it('lists the tasks of a category whose data name the import, "default" where none does', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const set = (taskId: string, task: string, importName?: string) => {
      const data = new Map(importName === undefined ? [] : [['import_name', importName]]);
      return client.setTaskId({ taskId, task, value: { ...accepted, message: taskId, data } });
    };
    await Promise.all([set('1', 'validation', 'people'), set('2', 'validation', 'people')]);
    await Promise.all([set('3', 'validation'), set('4', 'schemas', 'people'), set('5', 'validation', 'a.b')]);
    const messages = async (importName: string, task = 'validation') =>
      (await client.getTasksByImportName({ importName, task })).tasks
        .map(({ message }) => message)
        .toSorted();
    assert.deepEqual(await messages('people'), ['1', '2']);
    assert.deepEqual(await messages('default'), ['3']);
    assert.deepEqual(await messages('a.b'), ['5']);
    assert.deepEqual(await messages('nothing'), []);

    const data = new Map([['import_name', 'moved']]);
    await client.updateTaskId({ taskId: '1', task: 'validation', field: 'status', value: 'success', data });
    assert.deepEqual(await messages('people'), ['2']);
    assert.deepEqual(await messages('moved'), ['1']);
  });

  it('has a task once, as it was last, that two pages of a view have', async () => {
    const pageWith = (message: string, next: string | undefined) => {
      const ref = { namespace: 'default', category: 'validation', id: '1', importName: 'default' };
      const numbers = { incarnation: 'i', revision: 1, createdAt: 0, updatedAt: 0 };
      const task = { ...accepted, ...ref, ...numbers, message, fields: new Map() };
      return { tasks: [task], next, source: 'VIEW_UNCONFIRMED', partial: true } as const;
    };
    const list = async (_: unknown, { after }: { readonly after: string | undefined }) =>
      after === undefined ? pageWith('before', 'more') : pageWith('rewritten', undefined);
    await using database = await startWireDatabase({ broken: { tasks: { list } } });
    const { tasks } = await database.client.getTasksByImportName({
      importName: 'default',
      task: 'validation',
    });
    assert.deepEqual(
      tasks.map(({ message }) => message),
      ['rewritten'],
    );
  });

  it('is cut below the message limit and says so', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const data = new Map([
      ['import_name', 'people'],
      ['text', 'x'.repeat(1_000_000)],
    ]);
    for (const taskId of ['1', '2', '3', '4', '5']) {
      await client.setTaskId({ taskId, task: 'validation', value: { ...accepted, data } });
    }
    const request = { importName: 'people', task: 'validation' };
    const { reply, trailers } = await trailersOf((options) => client.getTasksByImportName(request, options));
    assert.deepEqual([reply.tasks.length, trailers.text('x-truncated')], [3, '1']);
  });

  it('is cut by what the tasks take in the reply, their data apart', async () => {
    const task = { ...accepted, data: new Map(), status: 's'.repeat(128), fields: new Map() };
    const ref = { namespace: 'default', category: 'validation', id: '1', importName: 'default' };
    const stored = { ...task, ...ref, incarnation: 'i', revision: 1, createdAt: 0, updatedAt: 0 };
    const page = {
      tasks: Array.from({ length: 40_000 }, (_, place) => ({ ...stored, id: `${place}` })),
      next: undefined,
      source: 'AUTHORITY',
      partial: false,
    } as const;
    await using database = await startWireDatabase({ broken: { tasks: { list: async () => page } } });
    const request = { importName: 'default', task: 'validation' };
    const { reply, trailers } = await trailersOf((options) =>
      database.client.getTasksByImportName(request, options),
    );
    assert.ok(reply.tasks.length > 20_000 && reply.tasks.length < 25_000);
    assert.equal(trailers.text('x-truncated'), '1');
  });
});

describe('the trailers of task calls', () => {
  const request = { taskId: '1', task: 'validation' };

  it('say of a write how durable it is and give a token', async () => {
    await using database = await startWithTask();
    const { client } = database;
    const update = { ...request, field: 'status', value: 'success' };
    for (const { trailers } of [
      await trailersOf((options) => client.setTaskId({ ...request, value: accepted }, options)),
      await trailersOf((options) => client.updateTaskId(update, options)),
      await trailersOf((options) => client.removeTaskId(request, options)),
    ]) {
      assert.equal(trailers.text('x-durability'), 'DURABLE');
      assert.ok(trailers.text('x-token'));
    }
  });

  it('say of a read where it came from', async () => {
    await using database = await startWithTask();
    const { client } = database;
    const one = await trailersOf((options) => client.getTaskId(request, options));
    const list = { importName: 'default', task: 'validation' };
    const many = await trailersOf((options) => client.getTasksByImportName(list, options));
    for (const { trailers } of [one, many]) {
      assert.equal(trailers.text('x-source'), 'AUTHORITY');
      assert.equal(trailers.text('x-partial'), undefined);
      assert.equal(trailers.text('x-truncated'), undefined);
    }
  });

  it('pass on what a driver with two stores says', async () => {
    const task = {
      ...accepted,
      namespace: 'default',
      category: 'validation',
      id: '1',
      importName: 'default',
    };
    const stored = { ...task, fields: new Map(), incarnation: 'i', revision: 1, createdAt: 0, updatedAt: 0 };
    const tokens: (string | undefined)[] = [];
    const broken = {
      put: async () => ({ task: stored, created: true, durability: 'BUFFERED', token: 't1' }) as const,
      get: async (_ref: unknown, { token }: { token: string | undefined }) => {
        tokens.push(token);
        return { task: stored, source: 'VIEW_UNCONFIRMED', token: 't2' } as const;
      },
      list: async () => ({ tasks: [stored], next: undefined, source: 'VIEW', partial: true }) as const,
    };
    await using database = await startWireDatabase({ broken: { tasks: broken } });
    const { client } = database;
    const write = await trailersOf((options) => client.setTaskId({ ...request, value: accepted }, options));
    assert.deepEqual(
      [write.trailers.text('x-durability'), write.trailers.text('x-token')],
      ['BUFFERED', 't1'],
    );
    const read = await trailersOf((options) => client.getTaskId(request, options), { 'x-token': 't1' });
    assert.equal(read.trailers.text('x-source'), 'VIEW_UNCONFIRMED');
    await trailersOf((options) => client.getTaskId(request, options), { 'x-token': '' });
    assert.deepEqual(tokens, ['t1', undefined]);
    const list = { importName: 'default', task: 'validation' };
    const many = await trailersOf((options) => client.getTasksByImportName(list, options));
    assert.deepEqual([many.trailers.text('x-source'), many.trailers.text('x-partial')], ['VIEW', '1']);
  });
});

describe('while no store of tasks can answer', () => {
  const tasks = {
    put: unreachable,
    patch: unreachable,
    remove: unreachable,
    get: unreachable,
    list: unreachable,
  };
  const request = { taskId: '1', task: 'validation' };

  it('writes are success=false and reads are UNAVAILABLE', async () => {
    await using database = await startWireDatabase({ broken: { tasks } });
    const { client } = database;
    for (const reply of [
      await client.setTaskId({ ...request, value: accepted }),
      await client.updateTaskId({ ...request, field: 'status', value: 'success' }),
      await client.removeTaskId(request),
    ]) {
      assert.equal(reply.success, false);
      assert.match(reply.message, /cannot be reached/);
    }
    await assert.rejects(client.getTaskId(request), withStatus('UNAVAILABLE'));
    const list = { importName: 'default', task: 'validation' };
    await assert.rejects(client.getTasksByImportName(list), withStatus('UNAVAILABLE'));
  });
});
