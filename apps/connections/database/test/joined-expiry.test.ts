/** Tasks of a process with MongoDB and Redis behind it: how long the view keeps them, and how long they are kept at all. */
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
import { taskKeys } from '../src/driver/redis/view-keys.ts';
import { type DatabaseProcess, oldVariables, startDatabaseProcess } from './database-process.ts';
import { clientsOf, outcomesOf } from './process-clients.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;

const recoverMs = 30_000;
const refTo = (id: string) => ({ namespace: '', category: 'validation', id });
const stateOf = (status: string) => ({ status, code: 202, message: '', data: new Map<string, string>() });

async function started(env: Readonly<Record<string, string>>) {
  const redis = await startRedis({ own: true });
  const mongo = await startMongo({ own: true });
  await prepareMongo(`mongodb://127.0.0.1:${mongo.port}/expiry`);
  const start = (more: Readonly<Record<string, string>>) =>
    startDatabaseProcess({ ...oldVariables(redis, mongo, 'expiry'), ...more });
  const service = await start(env);
  return {
    redis,
    mongo,
    service,
    /** In place of the first. */
    async restarted(more: Readonly<Record<string, string>>) {
      await service[Symbol.asyncDispose]();
      return start(more);
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
      await mongo[Symbol.asyncDispose]();
    },
  };
}

/** Written, and then read until the view has it. */
async function viewed(service: DatabaseProcess, id: string, status: string): Promise<void> {
  const { tasks } = clientsOf(service);
  await tasks.put({ ...refTo(id), state: stateOf(status) });
  await eventually(async () => {
    assert.equal((await tasks.get(refTo(id))).source, Source.SOURCE_VIEW);
  }, recoverMs);
}

describe('the view on Redis', { skip }, () => {
  it('keeps each task for the time of its status, a tenth more or less', async () => {
    await using world = await started({
      TASK_TTL_PENDING_SECONDS: '1000',
      TASK_TTL_PROCESSING_SECONDS: '2000',
      TASK_TTL_COMPLETED_SECONDS: '3000',
      TASK_TTL_PUBLISHED_SECONDS: '4000',
      TASK_TTL_FAILED_SECONDS: '5000',
      DEFAULT_TTL_SECONDS: '6000',
    });
    const { service, redis } = world;
    const secondsOf = new Map([
      ['accepted', 1_000],
      ['validating-file', 2_000],
      ['completed', 3_000],
      ['published', 4_000],
      ['error', 5_000],
      ['strange', 6_000],
    ]);
    const leftMs = async (id: string) => {
      const { entry } = taskKeys({ ...refTo(id), namespace: 'default' });
      return Number(await redisCommands(redis.url, ['PTTL', entry]));
    };
    const checkLeft = async (id: string, seconds: number) => {
      const left = await leftMs(id);
      // What has passed of it since is less than a minute.
      const isWithin = left <= 1_100 * seconds && left >= 900 * seconds - 60_000;
      assert.ok(isWithin, `${id}: ${left} ms of ${seconds} s`);
      return left;
    };
    const { tasks } = clientsOf(service);
    for (const [status, seconds] of secondsOf) {
      const ids = Array.from({ length: 4 }, (_, at) => `${status} ${at}`);
      for (const id of ids) await viewed(service, id, status);
      const lefts = await Promise.all(ids.map((id) => checkLeft(id, seconds)));
      const spread = Math.max(...lefts) - Math.min(...lefts);
      assert.ok(spread > 2 * seconds, `${status}: what was filled together expires together, ${spread} ms`);
    }
    await tasks.put({ ...refTo('accepted 0'), state: stateOf('published') });
    await eventually(() => checkLeft('accepted 0', 4_000));
  });
});

describe('tasks on MongoDB and Redis that are not kept for ever', { skip }, () => {
  it('go from both when their time is over, and others stay', { timeout: 90_000 }, async () => {
    await using world = await started({ TASK_RETENTION_COMPLETED_SECONDS: '1' });
    const { service, redis } = world;
    const { tasks } = clientsOf(service);
    await viewed(service, 'stays', 'accepted');
    await viewed(service, 'goes', 'completed');
    await eventually(async () => {
      assert.deepEqual(await outcomesOf([tasks.get({ ...refTo('goes'), strong: true })]), ['NOT_FOUND']);
      assert.deepEqual(await outcomesOf([tasks.get(refTo('goes'))]), ['NOT_FOUND']);
    }, 60_000);
    const { entry } = taskKeys({ ...refTo('goes'), namespace: 'default' });
    assert.equal(await redisCommands(redis.url, ['EXISTS', entry]), '0');
    assert.equal((await tasks.get(refTo('stays'))).task?.status, 'accepted');
  });

  it('stay when a write of one was buffered before its time was over', { timeout: 90_000 }, async () => {
    await using world = await started({});
    const { service: first, mongo } = world;
    await viewed(first, 'changes', 'completed');
    await viewed(first, 'expires', 'completed');
    await mongo.kill();
    const change = { ...refTo('changes'), state: stateOf('accepted'), allowBuffered: true };
    const { durability } = await clientsOf(first).tasks.put(change);
    assert.equal(durability, Durability.DURABILITY_BUFFERED);
    await using second = await world.restarted({ TASK_RETENTION_COMPLETED_SECONDS: '1' });
    const { tasks } = clientsOf(second);
    await mongo.restart();
    await eventually(async () => {
      const outcomes = [tasks.get({ ...refTo('expires'), strong: true })];
      assert.deepEqual(await outcomesOf(outcomes), ['NOT_FOUND']);
    }, 60_000);
    assert.equal((await tasks.get({ ...refTo('changes'), strong: true })).task?.status, 'accepted');
    assert.deepEqual((await tasks.listConflicts({})).conflicts, []);
  });
});
