/** Two replicas, one of which sees only MongoDB and the other only Redis: what disagrees is listed, and an operator decides. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  eventually,
  mongoMissing,
  prepareMongo,
  redisMissing,
  startFaultProxy,
  startMongo,
  startRedis,
  type TestServer,
} from '@connections/testing';
import { runCommand } from './cli-command.ts';
import { becomes } from './observed-health.ts';
import { startStandalone, temporaryFolder } from './standalone-process.ts';
import { V1Caller, WireCaller } from './task-callers.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;
const recoverMs = 20_000;

/** A service that reaches each store through a network of its own. */
async function startReplica(redis: TestServer, mongo: TestServer) {
  const toRedis = await startFaultProxy(redis.port);
  const toMongo = await startFaultProxy(mongo.port);
  const service = await startStandalone({
    CONNECTIONS_DATA: temporaryFolder(),
    // A member of a replica set tells its own address, which would lead past the proxy.
    DATABASE_TASKS_URL: `mongodb://127.0.0.1:${toMongo.port}/tasks?directConnection=true`,
    DATABASE_TASKS_VIEW_URL: toRedis.through(redis.url),
  });
  const v1 = new V1Caller(service.databaseAddress, { allowBuffered: true });
  const wire = new WireCaller(service.databaseAddress);
  return {
    ...{ service, toRedis, toMongo, v1, wire },
    async [Symbol.asyncDispose]() {
      for (const caller of [v1, wire]) caller[Symbol.dispose]();
      for (const part of [service, toRedis, toMongo]) await part[Symbol.asyncDispose]();
    },
  };
}

type Replica = Awaited<ReturnType<typeof startReplica>>;

interface Listed {
  readonly id: string;
  readonly taskId: string;
  readonly reason: string;
}

async function conflicts({ service }: Replica, ...words: readonly string[]): Promise<string> {
  const command = ['conflicts', ...words, '--database', service.databaseAddress];
  const { code, stdout, stderr } = await runCommand(command);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function listed(replica: Replica): Promise<readonly Listed[]> {
  return JSON.parse(await conflicts(replica, 'list', '--json')).conflicts;
}

async function shows(replica: Replica, id: string, answer: string): Promise<void> {
  await eventually(async () => assert.equal(await replica.v1.get(id), answer), recoverMs);
}

describe('two replicas, one without Redis and the other without MongoDB', { skip, timeout: 150_000 }, () => {
  it('write on: what only one of them wrote comes home, what both wrote is a conflict', async () => {
    await using redis = await startRedis({ own: true, appendOnly: true });
    await using mongo = await startMongo({ own: true, syncOnCommit: true });
    await prepareMongo(`mongodb://127.0.0.1:${mongo.port}/tasks`);
    await using committing = await startReplica(redis, mongo);
    await using buffering = await startReplica(redis, mongo);
    const tasks = ['replayed', 'dropped', 'alone'];
    for (const id of tasks) {
      assert.equal(await committing.v1.put(id, 'accepted'), 'DURABLE');
      for (const replica of [committing, buffering]) await shows(replica, id, 'accepted from VIEW');
    }

    committing.toRedis.reset();
    buffering.toMongo.reset();
    await becomes(committing.service, 200, /Redis does not answer/);
    await becomes(buffering.service, 200, /MongoDB does not answer/);
    for (const id of ['replayed', 'dropped']) {
      assert.equal(await committing.wire.patch(id, 'committed'), 'DURABLE');
      assert.equal(await buffering.v1.get(id), 'accepted from VIEW_UNCONFIRMED', 'older, and says so');
    }
    assert.equal(await buffering.v1.patch('replayed', 'buffered'), 'BUFFERED');
    assert.equal(await buffering.wire.patch('dropped', 'buffered'), 'BUFFERED');
    assert.equal(await buffering.wire.patch('alone', 'buffered'), 'BUFFERED');
    const { token } = buffering.wire;
    assert.equal(await buffering.wire.get('alone', token), 'buffered from VIEW_UNCONFIRMED');
    assert.equal(await buffering.v1.get('replayed'), 'buffered from VIEW_UNCONFIRMED');
    assert.equal(await committing.v1.get('replayed'), 'committed from AUTHORITY');

    committing.toRedis.heal();
    buffering.toMongo.heal();
    for (const replica of [committing, buffering]) {
      await shows(replica, 'alone', 'buffered from VIEW');
      for (const id of ['replayed', 'dropped']) await shows(replica, id, 'committed from VIEW');
      await becomes(replica.service, 200, /^serving$/);
    }
    assert.match(await committing.wire.get('alone', token), /^buffered from (VIEW|AUTHORITY)$/);

    const found = await listed(committing);
    assert.deepEqual(
      found.map(({ taskId, reason }) => [taskId, reason]).toSorted(),
      ['dropped', 'replayed'].map((id) => [id, 'CONFLICT_REASON_OVERTAKEN']),
    );
    const idOf = (task: string) => found.find(({ taskId }) => taskId === task)?.id ?? '';
    const table = await conflicts(buffering, 'list');
    assert.match(table, /^CONFLICT +NAMESPACE +TASK +FOUND +WRITES +REASON\n/);
    assert.match(table, /validation\/replayed .* 1 +overtaken by other writes$/m);
    const whole = await conflicts(committing, 'show', idOf('replayed'));
    assert.match(whole, /^task +validation\/replayed$/m);
    assert.match(whole, /patch +buffered/);
    assert.match(await conflicts(committing, 'replay', idOf('replayed')), /1 write/);
    await conflicts(buffering, 'drop', idOf('dropped'));
    assert.deepEqual(await listed(buffering), []);
    for (const replica of [committing, buffering]) {
      await shows(replica, 'replayed', 'buffered from VIEW');
      await shows(replica, 'dropped', 'committed from VIEW');
    }
    assert.equal(await buffering.v1.getStrong('replayed'), 'buffered from AUTHORITY');
    assert.equal(await committing.v1.history('replayed'), 'accepted, committed, buffered from AUTHORITY');
  });
});
