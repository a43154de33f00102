/** `connections tasks watch` as a process, while tasks change under it and services go away. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import { eventually, freePort } from '@connections/testing';
import {
  type BinProcess,
  type ServicesProcess,
  startBin,
  startServices,
  temporaryFolder,
} from './bin-process.ts';
import { taskState } from './task-state.ts';

describe('connections tasks watch', { timeout: 60_000 }, () => {
  let services: ServicesProcess;
  let database: DatabaseClient;

  before(async () => {
    services = await startServices();
    database = connectDatabase(services.databaseAddress);
  });

  after(async () => {
    database?.close();
    await services?.[Symbol.asyncDispose]();
  });

  const watch = (words: string): BinProcess => startBin(`tasks watch ${words}`.split(' '), services.env);
  const ref = (id: string) => ({ category: 'watched', id });

  it('prints the task as it stands, then every change of status, and ends at the status it was given', async () => {
    const { tasks } = database;
    await tasks.create({ ...ref('quick'), state: taskState('accepted', 202, 'waiting') });
    await using watching = watch('watched/quick --every 400 --until completed --until failed');
    await eventually(() => assert.match(watching.stdout, /accepted/), 10_000);
    const steps = Array.from({ length: 40 }, (_, index) => `step-${index}`);
    for (const status of [...steps, 'completed']) await tasks.patch({ ...ref('quick'), status, code: 200 });
    const { code, stdout, stderr } = await watching.exited;
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    assert.deepEqual(
      lines.map(([, revision, status]) => [revision, status]),
      ['accepted', ...steps, 'completed'].map((status, index) => [String(index + 1), status]),
    );
    assert.match(stdout, /^\d{4}-\S+Z {4}1 {2}accepted {9}202 {2}waiting\n/);
    assert.deepEqual([code, stderr], [0, '']);
  });

  it('waits for a task that is not there yet, and tells all of it', async () => {
    await using watching = watch('watched/late --every 50 --json --until completed');
    await eventually(() => assert.match(watching.stderr, /^waiting for watched\/late: /), 10_000);
    await database.tasks.create({ ...ref('late'), state: taskState('accepted') });
    await database.tasks.patch({ ...ref('late'), status: 'completed', code: 200, message: 'done' });
    const { code, stdout } = await watching.exited;
    const [first, last, ...more] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([first.status, more], ['accepted', []]);
    const { time, ...fields } = last;
    assert.ok(Date.parse(time) > 0);
    assert.deepEqual(fields, {
      event: 'transition',
      category: 'watched',
      id: 'late',
      revision: '2',
      status: 'completed',
      code: 200,
      message: 'done',
      principal: 'anonymous',
    });
    assert.equal(code, 0);
  });

  it('tells other changes too, and a task that is removed', async () => {
    await database.tasks.create({ ...ref('gone'), state: taskState('accepted') });
    await using watching = watch('watched/gone --every 30');
    await eventually(() => assert.match(watching.stdout, / 1 {2}accepted/), 10_000);
    await database.tasks.patch({ ...ref('gone'), message: 'half\u001b[2J' });
    await eventually(
      () => assert.match(watching.stdout, / 2 {2}accepted {9}202 {2}half\\u\{1b\}\[2J\n/),
      10_000,
    );
    await database.tasks.remove(ref('gone'));
    await eventually(() => assert.match(watching.stdout, /\nremoved\n$/), 10_000);
    watching.kill('SIGINT');
    assert.equal((await watching.exited).code, 130);
  });

  it('ends at once when the task stands in the status already', async () => {
    await database.tasks.create({ ...ref('done'), state: taskState('completed', 200) });
    await using watching = watch('watched/done --until completed');
    const { code, stdout } = await watching.exited;
    assert.deepEqual([code, stdout.split('\n').length], [0, 2]);
  });

  it('goes on when the service was restarted', async () => {
    const env = {
      CONNECTIONS_DATA: temporaryFolder(),
      // One that nobody else is given while the services are away.
      DATABASE_CONNECTION_PORT: String(await freePort()),
      DATABASE_HTTP_PORT: '0',
    };
    const first = await startServices(env);
    await using watching = startBin('tasks watch a/b --every 50 --until completed'.split(' '), first.env);
    {
      await using _ = first;
      using client = connectDatabase(first.databaseAddress);
      await client.tasks.create({ category: 'a', id: 'b', state: taskState('accepted') });
      await eventually(() => assert.match(watching.stdout, /accepted/), 10_000);
    }
    await eventually(
      () => assert.match(watching.stderr, /^the service cannot be asked \(UNAVAILABLE\): trying again$/m),
      10_000,
    );
    await using second = await startServices(env);
    using client = connectDatabase(second.databaseAddress);
    await client.tasks.patch({ category: 'a', id: 'b', status: 'processing' });
    await client.tasks.patch({ category: 'a', id: 'b', status: 'completed' });
    const { code, stdout, stderr } = await watching.exited;
    assert.match(stdout, /accepted[^\n]*\n.* 2 {2}processing.*\n.* 3 {2}completed/);
    assert.match(stderr, /^[^\n]*\nthe service answers again\n$/);
    assert.equal(code, 0);
  });

  it('exits with 78 where no service was there to begin with', async () => {
    await using watching = watch('a/b --database 127.0.0.1:1');
    assert.equal((await watching.exited).code, 78);
  });
});
