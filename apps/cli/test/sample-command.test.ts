/** `connections sample` as a process, against services that really run. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  connectDatabase,
  connectMessaging,
  type DatabaseClient,
  type MessagingClient,
} from '@connections/proto-utils';
import { standaloneSettings } from '@connections/standalone';
import type { SampleOutcome } from '../src/sample/sample-outcome.ts';
import { deadId, sampleTasks } from '../src/sample/sample-set.ts';
import { settleEach } from '../src/sample/settle-each.ts';
import { type BinExit, runBin, type ServicesProcess, startServices } from './bin-process.ts';
import { taskState } from './task-state.ts';

const queue = 'sample-orders';
const dead = 'sample-orders.dead';

describe('connections sample', () => {
  let services: ServicesProcess;
  let database: DatabaseClient;
  let messaging: MessagingClient;

  before(async () => {
    services = await startServices();
    database = connectDatabase(services.databaseAddress);
    messaging = connectMessaging(services.messagingAddress);
  });

  after(async () => {
    database?.close();
    messaging?.close();
    await services?.[Symbol.asyncDispose]();
  });

  const run = (line: string): Promise<BinExit> => runBin(line, services.env);

  async function outcomes(line: string): Promise<readonly SampleOutcome[]> {
    const { code, stdout, stderr } = await run(`${line} --json`);
    assert.deepEqual([code, stderr], [0, ''], stdout);
    return JSON.parse(stdout).outcomes;
  }

  /** Everything in a namespace, without what no call can take away. */
  async function everything(namespace: string) {
    const { tasks } = await database.tasks.list({ namespace, pageSize: 1_000 });
    const { schemas } = await database.schemas.list({ namespace });
    const { statistics } = await messaging.messaging.getTopology({ namespace });
    return {
      tasks: tasks.map(({ category, id, status, revision }) => [category, id, status, revision]),
      schemas: schemas.map(({ name, version, fingerprint }) => [name, version, fingerprint]),
      messages: statistics
        .filter(({ ready, unsettled }) => ready + unsettled > 0n)
        .map(({ queue: name, ready, unsettled }) => [name, ready, unsettled]),
    };
  }

  it('adds a line for each thing, and a second time changes nothing', async () => {
    const first = await run('sample add --namespace twice');
    assert.deepEqual([first.code, first.stderr], [0, '']);
    const lines = first.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 1 + sampleTasks.length + 3);
    assert.ok(
      lines.every((line) => /^added {4}(schema|task|queue|messages|dead letter) +sample-/.test(line)),
    );
    const before = await everything('twice');
    assert.deepEqual(
      before.schemas.map(([name, version]) => [name, version]),
      [['sample-customers', 2n]],
    );
    assert.deepEqual(before.messages, [
      [queue, 3n, 0n],
      [dead, 1n, 0n],
    ]);
    const second = await outcomes('sample add --namespace twice');
    assert.deepEqual(new Set(second.map(({ did }) => did)), new Set(['kept']));
    assert.deepEqual(await everything('twice'), before);
  });

  it('has a task in each status that the settings give a time to live', () => {
    const docs = Object.values(standaloneSettings.database).map(({ env, doc }) => [env, doc] as const);
    const statuses = docs.flatMap(([env, doc]) => {
      const [, list] = (env.startsWith('TASK_TTL_') && /in status (.*)\.$/.exec(doc)) || [];
      return list?.split(', ') ?? [];
    });
    assert.ok(statuses.length > 10);
    assert.deepEqual(sampleTasks.map(({ status }) => status).sort(), statuses.sort());
  });

  it('is where the clients of the wire contract see it, when no namespace is named', async () => {
    await outcomes('sample add');
    const method = 'database_service.DatabaseService/GetTaskId';
    const request = JSON.stringify({ task: 'sample-tasks', taskId: 'sample-completed' });
    const task = JSON.parse((await runBin(['call', method, request], services.env)).stdout);
    assert.equal(task.value.status, 'completed');
    const find = 'database_service.DatabaseService/MongoFindJsonSchema';
    const asked = await runBin(['call', find, '{"importName": "sample-customers"}'], services.env);
    assert.equal(JSON.parse(asked.stdout).status, 'found');
  });

  it('removes all of it, again and again, and says that the queues stay', async () => {
    const namespace = 'there-and-back';
    const before = await everything(namespace);
    for (let round = 0; round < 2; round++) {
      await outcomes(`sample add --namespace ${namespace}`);
      const removed = await outcomes(`sample remove --namespace ${namespace}`);
      const [left, gone] = [
        removed.filter(({ did }) => did === 'left'),
        removed.filter(({ did }) => did === 'removed'),
      ];
      assert.equal(gone.length, 1 + sampleTasks.length + 2);
      assert.deepEqual(left, [
        { did: 'left', kind: 'queue', name: queue, note: 'no call removes a queue' },
        { did: 'left', kind: 'queue', name: dead, note: 'no call removes a queue' },
      ]);
      assert.deepEqual(await everything(namespace), before);
    }
  });

  it('removes nothing where nothing was added', async () => {
    const removed = await outcomes('sample remove --namespace untouched');
    assert.deepEqual(new Set(removed.map(({ did }) => did)), new Set(['absent']));
    const { topology } = await messaging.messaging.getTopology({ namespace: 'untouched' });
    assert.deepEqual(topology?.queues, []);
  });

  it('leaves what others have put under its names', async () => {
    const namespace = 'shared';
    const state = taskState('accepted');
    await database.tasks.create({ namespace, category: 'sample-tasks', id: 'sample-error', state });
    await outcomes(`sample add --namespace ${namespace}`);
    await database.schemas.register({ namespace, name: 'sample-customers', document: '{}', author: 'ana' });
    const messages = [{ id: 'mine', body: Buffer.from('x') }];
    await messaging.messaging.publish({ namespace, routingKey: queue, messages });
    await messaging.messaging.publish({ namespace, routingKey: dead, messages });
    const left = (await outcomes(`sample remove --namespace ${namespace}`)).filter(({ note }) => note);
    assert.deepEqual(
      left.slice(0, 4).map(({ did, name, note }) => [did, name, note]),
      [
        ['left', 'sample-customers', 'it has versions that are not of the sample'],
        ['left', 'sample-tasks/sample-error', 'it is not of the sample'],
        ['removed', queue, '3 of the sample removed, 1 not of it left'],
        ['removed', dead, '1 of the sample removed, 1 not of it left'],
      ],
    );
    const now = await everything(namespace);
    assert.deepEqual(now.tasks, [['sample-tasks', 'sample-error', 'accepted', 1n]]);
    assert.deepEqual(
      now.schemas.map(([name, version]) => [name, version]),
      [['sample-customers', 3n]],
    );
    assert.deepEqual(now.messages, [
      [queue, 1n, 0n],
      [dead, 1n, 0n],
    ]);
    const seen: string[] = [];
    await settleEach(
      messaging.messaging,
      { namespace, queue, count: 1 },
      ({ message, attempt }) => {
        seen.push(`${message?.id} ${attempt}`);
        return 'ack';
      },
      {},
    );
    assert.match(seen.join(), /^mine \d$/);
  });

  it('goes on where an earlier run was ended', async () => {
    const namespace = 'ended';
    await messaging.messaging.declareTopology({ namespace, topology: { queues: [{ name: queue }] } });
    const messages = [{ id: deadId, body: Buffer.from('x') }];
    await messaging.messaging.publish({ namespace, routingKey: queue, messages });
    await outcomes(`sample add --namespace ${namespace}`);
    assert.deepEqual((await everything(namespace)).messages, [
      [queue, 3n, 0n],
      [dead, 1n, 0n],
    ]);
  });

  it('takes its messages from among more of others than a stream may have open', async () => {
    const namespace = 'many';
    await messaging.messaging.declareTopology({ namespace, topology: { queues: [{ name: queue }] } });
    const others = (count: number) => ({
      namespace,
      routingKey: queue,
      messages: Array.from({ length: count }, () => ({ body: Buffer.from('x') })),
    });
    await messaging.messaging.publish(others(200));
    const added = await outcomes(`sample add --namespace ${namespace}`);
    assert.equal(added.at(-1)?.note, 'none made: messages of others are in the way');
    await messaging.messaging.publish(others(200));
    await outcomes(`sample remove --namespace ${namespace}`);
    assert.deepEqual((await everything(namespace)).messages, [[queue, 400n, 0n]]);
  });

  it('says what was done before a service turned out to be away', async () => {
    const { code, stdout, stderr } = await run('sample add --namespace half --messaging 127.0.0.1:1');
    assert.equal(code, 78);
    assert.match(stdout, /^added {4}schema /);
    assert.match(stderr, /^the messaging service cannot be reached on 127\.0\.0\.1:1, [^\n]*\n$/);
  });
});
