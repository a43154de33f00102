/** Tasks of the service as a process with MongoDB and Redis behind it, while either of them is away, and with MongoDB alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Durability, Source } from '@connections/proto-utils/v1/tasks';
import {
  eventually,
  mongoMissing,
  prepareMongo,
  redisCommands,
  redisMissing,
  startMongo,
  startRedis,
} from '@connections/testing';
import { oldVariables, startDatabaseProcess } from './database-process.ts';
import { clientsOf, outcomesOf } from './process-clients.ts';
import { trailersOf } from './wire-database.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;

const recoverMs = 30_000;
const state = (status: string) => ({ status, code: 202, message: '', data: new Map<string, string>() });
const ref = { namespace: '', category: 'validation', id: 'one' };
const wireRef = { task: ref.category, taskId: ref.id };

async function startStores() {
  const redis = await startRedis({ own: true, appendOnly: true });
  const mongo = await startMongo({ own: true });
  await prepareMongo(`mongodb://127.0.0.1:${mongo.port}/joined`);
  return {
    redis,
    mongo,
    start: (env: Readonly<Record<string, string>> = {}) =>
      startDatabaseProcess({ ...oldVariables(redis, mongo, 'joined'), ...env }),
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      await mongo[Symbol.asyncDispose]();
    },
  };
}

describe('tasks on MongoDB with a view on Redis', { skip }, () => {
  it('are answered by the view once it is filled, over one connection for cache and view', async () => {
    await using stores = await startStores();
    await using service = await stores.start();
    const { tasks, wire } = clientsOf(service);
    const { durability, token } = await tasks.put({ ...ref, state: state('accepted') });
    assert.equal(durability, Durability.DURABILITY_DURABLE);
    await eventually(async () => {
      const { task, source } = await tasks.get({ ...ref, token });
      assert.deepEqual([task?.status, source], ['accepted', Source.SOURCE_VIEW]);
    }, recoverMs);
    const { reply, trailers } = await trailersOf((options) => wire.getTaskId(wireRef, options));
    assert.deepEqual([reply.value?.status, trailers.text('x-source')], ['accepted', 'VIEW']);
    assert.notEqual(trailers.text('x-token') ?? '', '');
    assert.equal((await tasks.get({ ...ref, strong: true })).source, Source.SOURCE_AUTHORITY);
    assert.deepEqual(await service.readiness(), { status: 200, reason: 'serving' });
    const connections = await redisCommands(stores.redis.url, ['CLIENT', 'LIST']);
    assert.equal(connections.match(/^.*\bid=/gm)?.length, 2, 'ours, and the one that asks');
  });

  it('are buffered while MongoDB is away, for those who allow it, and come home', async () => {
    await using stores = await startStores();
    await using service = await stores.start();
    const { tasks, wire } = clientsOf(service);
    await tasks.put({ ...ref, state: state('accepted') });
    await eventually(async () => assert.equal((await tasks.get(ref)).source, Source.SOURCE_VIEW), recoverMs);
    await stores.mongo.kill();
    const buffered = await tasks.put({ ...ref, state: state('processing-file'), allowBuffered: true });
    assert.equal(buffered.durability, Durability.DURABILITY_BUFFERED);
    const refused = [
      tasks.put({ ...ref, state: state('refused') }),
      tasks.get({ ...ref, id: 'unknown' }),
      tasks.get({ ...ref, strong: true }),
    ];
    assert.deepEqual(await outcomesOf(refused), Array(3).fill('UNAVAILABLE'));
    const { task, source } = await tasks.get({ ...ref, token: buffered.token });
    assert.deepEqual([task?.status, source], ['processing-file', Source.SOURCE_VIEW_UNCONFIRMED]);
    const update = { ...wireRef, field: 'message', value: 'half', data: new Map<string, string>() };
    const { reply, trailers } = await trailersOf((options) => wire.updateTaskId(update, options));
    assert.deepEqual([reply.success, trailers.text('x-durability')], [true, 'BUFFERED']);
    const listed = await tasks.list({});
    assert.deepEqual([listed.source, listed.partial], [Source.SOURCE_VIEW_UNCONFIRMED, true]);
    await eventually(async () => {
      const { status, reason } = await service.readiness();
      assert.equal(status, 200);
      assert.match(reason, /the tasks store: MongoDB does not answer/);
    }, recoverMs);
    await stores.mongo.restart();
    await eventually(async () => {
      const home = await tasks.get({ ...ref, strong: true });
      assert.deepEqual([home.task?.status, home.task?.message], ['processing-file', 'half']);
    }, recoverMs);
    assert.equal((await tasks.get({ ...ref, token: buffered.token })).task?.message, 'half');
    await eventually(
      async () => assert.deepEqual(await service.readiness(), { status: 200, reason: 'serving' }),
      recoverMs,
    );
  });

  it('are read and written on MongoDB while Redis is away', async () => {
    await using stores = await startStores();
    await using service = await stores.start();
    const { tasks } = clientsOf(service);
    await stores.redis.kill();
    const { durability } = await tasks.put({ ...ref, state: state('accepted'), allowBuffered: true });
    assert.equal(durability, Durability.DURABILITY_DURABLE);
    assert.equal((await tasks.get(ref)).source, Source.SOURCE_AUTHORITY);
    await eventually(
      async () => assert.match((await service.readiness()).reason, /the tasks store: Redis does not answer/),
      recoverMs,
    );
    await stores.redis.restart();
    await eventually(async () => assert.equal((await tasks.get(ref)).source, Source.SOURCE_VIEW), recoverMs);
  });

  it('are not buffered on a Redis that may drop what it holds, and that is told', async () => {
    await using stores = await startStores();
    await redisCommands(stores.redis.url, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
    await using service = await stores.start();
    await eventually(
      async () => assert.match((await service.readiness()).reason, /the tasks store: .*no write is buffered/),
      recoverMs,
    );
    await stores.mongo.kill();
    const { tasks } = clientsOf(service);
    const put = tasks.put({ ...ref, state: state('accepted'), allowBuffered: true });
    assert.deepEqual(await outcomesOf([put]), ['UNAVAILABLE']);
    await eventually(() => {
      assert.ok(
        service.log.some(({ msg = '' }) => msg.startsWith('writes were not buffered: Redis might drop')),
      );
    });
  });

  it('have no view where none is wanted', async () => {
    await using stores = await startStores();
    await using service = await stores.start({ DATABASE_TASKS_VIEW_URL: 'none:' });
    const { tasks } = clientsOf(service);
    await tasks.put({ ...ref, state: state('accepted') });
    assert.equal((await tasks.get(ref)).source, Source.SOURCE_AUTHORITY);
    assert.equal(await redisCommands(stores.redis.url, ['DBSIZE']), '0');
  });
});
