/** `connections tasks get` and `list` as processes, against services that really run. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import { runBin, type ServicesProcess, startServices } from './bin-process.ts';
import { cli } from './cli-run.ts';
import { taskState } from './task-state.ts';

describe('connections tasks', () => {
  let services: ServicesProcess;
  let database: DatabaseClient;

  before(async () => {
    services = await startServices();
    database = connectDatabase(services.databaseAddress);
    const { tasks } = database;
    const ref = { category: 'validation', id: '42' };
    await tasks.create({
      ...ref,
      state: taskState('accepted', 202, 'waiting', { import_name: 'customers' }),
    });
    await tasks.patch({ ...ref, status: 'processing-file', message: 'checking' });
    await tasks.patch({ ...ref, message: 'checked 2000 rows' });
    await tasks.patch({ ...ref, status: 'completed', code: 200, message: '18 bad rows' });
    for (let start = 0; start < 250; start += 50) {
      const rows = Array.from({ length: 50 }, (_, index) => String(start + index).padStart(3, '0'));
      await Promise.all(
        rows.map((id) => tasks.create({ category: 'bulk', id, state: taskState('accepted') })),
      );
    }
    const hostile = taskState('failed', 500, 'one\u001b[2J\ntwo\u009b31m \u202eback', {
      'k\u001b]0;x\u0007': 'v\u001b[1m',
    });
    await tasks.create({ namespace: 'hostile', category: 'c', id: '日本\u202e', state: hostile });
  });

  after(async () => {
    database?.close();
    await services?.[Symbol.asyncDispose]();
  });

  const run = (line: string | readonly string[]) => runBin(line, services.env);

  it('get shows a task as lines of label and value', async () => {
    const { code, stdout, stderr } = await run('tasks get validation/42');
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^task +validation\/42\nnamespace +default\nstatus +completed\ncode +200\nmessage +18 bad rows\nrevision +4\nimport name +customers\n/,
    );
    assert.match(stdout, /^updated {6}\d{4}-\d\d-\d\dT[\d:.]+Z \((now|\d+s ago)\)$/m);
    assert.match(stdout, /^data +1 entry\n {2}import_name {2}customers$/m);
    assert.match(stdout, /\n\(answered by the authority; the status may be served from caches for 24h\)\n$/);
  });

  it('get --history shows the changes of status, oldest first', async () => {
    const { stdout } = await run('tasks get validation/42 --history');
    const [, table = ''] = stdout.split('\n\nREVISION');
    const rows = table
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/ {2,}/));
    assert.deepEqual(
      rows.map(([revision, , status, code, message, by]) => [revision, status, code, message, by]),
      [
        ['1', 'accepted', '202', 'waiting', 'anonymous'],
        ['2', 'processing-file', '202', 'checking', 'anonymous'],
        ['4', 'completed', '200', '18 bad rows', 'anonymous'],
      ],
    );
  });

  it('get --json prints the fields by their names in the JSON of protobuf', async () => {
    const { stdout } = await run('tasks get validation/42 --history --json');
    const { task, source, transitions } = JSON.parse(stdout);
    const { createTime, updateTime, ...fields } = task;
    assert.ok(Date.parse(createTime) <= Date.parse(updateTime));
    assert.deepEqual(fields, {
      namespace: 'default',
      category: 'validation',
      id: '42',
      importName: 'customers',
      status: 'completed',
      code: 200,
      message: '18 bad rows',
      data: { import_name: 'customers' },
      revision: '4',
      statusTtl: '86400s',
    });
    assert.equal(source, 'SOURCE_AUTHORITY');
    assert.deepEqual(
      transitions.map(({ revision, status }: Record<string, unknown>) => [revision, status]),
      [
        ['1', 'accepted'],
        ['2', 'processing-file'],
        ['4', 'completed'],
      ],
    );
  });

  it('get exits with 69 for a task that is not there, and says where to look', async () => {
    const { code, stdout, stderr } = await run('tasks get validation/43');
    assert.deepEqual([code, stdout], [69, '']);
    assert.match(stderr, /^there is no task validation\/43: look for it with `connections tasks list`.*\n$/);
  });

  it('get exits with 2 for what is no name of a task', async () => {
    for (const name of ['validation', '/42', 'validation/']) {
      const { code, stderr } = await run(['tasks', 'get', name]);
      assert.equal(code, 2, name);
      assert.match(stderr, /expected category\/id/);
    }
  });

  it('list shows the newest tasks first and says that there are more', async () => {
    const { code, stdout, stderr } = await run('tasks list --category bulk --limit 3');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    assert.match(head ?? '', /^TASK +STATUS +UPDATED +MESSAGE$/);
    assert.equal(rows.length, 3);
    assert.match(rows[0] ?? '', /^bulk\/2\d\d {2}accepted {2}\d{4}-\S+Z$/);
    assert.equal(stderr, 'there are more: list them with --limit or --all\n');
    assert.equal(code, 0);
  });

  it('list stops at 100 by default and follows the pages with --all', async () => {
    const some = JSON.parse((await run('tasks list --category bulk --json')).stdout);
    assert.equal(some.tasks.length, 100);
    assert.notEqual(some.nextPageToken, '');
    const { stdout, stderr } = await run('tasks list --category bulk --all --json');
    const all = JSON.parse(stdout);
    assert.equal(new Set(all.tasks.map(({ id }: { id: string }) => id)).size, 250);
    assert.deepEqual([all.nextPageToken, all.source, all.partial], ['', 'SOURCE_AUTHORITY', false]);
    assert.equal(stderr, '');
  });

  it('list --all follows pages of the service, however small they are', async () => {
    // Each of these tasks has half of the bytes that fit into a page.
    const big = { filler: 'x'.repeat(1_000_000) };
    for (const id of ['1', '2', '3', '4', '5', '6', '7']) {
      await database.tasks.create({
        namespace: 'big',
        category: 'big',
        id,
        state: taskState('accepted', 202, '', big),
      });
    }
    const { stdout } = await run('tasks list --namespace big --all');
    assert.deepEqual(stdout.match(/^big\/\d/gm), [
      'big/7',
      'big/6',
      'big/5',
      'big/4',
      'big/3',
      'big/2',
      'big/1',
    ]);
    assert.equal((await run('tasks list --namespace big --limit 6')).stdout.match(/^big/gm)?.length, 6);
  });

  it('list filters by category, import name and status', async () => {
    const found = async (filter: string) =>
      JSON.parse((await run(`tasks list ${filter} --json`)).stdout).tasks.map(({ id }: { id: string }) => id);
    assert.deepEqual(await found('--import-name customers'), ['42']);
    assert.deepEqual(await found('--status completed'), ['42']);
    assert.deepEqual(await found('--category bulk --status completed'), []);
  });

  it('list says in words that there is nothing, and in JSON by an empty list', async () => {
    const words = await run('tasks list --status none');
    assert.deepEqual(words, { code: 0, stdout: '', stderr: 'no task matches\n' });
    assert.equal((await run('tasks list --namespace empty')).stderr, 'there are no tasks\n');
    const { stdout, stderr } = await run('tasks list --namespace empty --json');
    assert.deepEqual([JSON.parse(stdout).tasks, stderr], [[], '']);
  });

  it('sends nothing to a terminal that would move its cursor or turn its text', async () => {
    const lines = ['tasks list --namespace hostile', 'tasks get --history --namespace hostile'];
    for (const line of lines) {
      for (const json of [[], ['--json']]) {
        const name = line.includes('get') ? ['c/日本\u202e'] : [];
        const { code, stdout } = await run([...line.split(' '), ...name, ...json]);
        assert.equal(code, 0);
        assert.doesNotMatch(stdout, /[^\P{Cc}\n]|[\u202a-\u202e]/u);
      }
    }
    const { stdout } = await run('tasks list --namespace hostile');
    assert.match(stdout, /^c\/日本\\u\{202e\} .* one\\u\{1b\}\[2J⏎two\\u\{9b\}31m \\u\{202e\}back$/m);
    const { tasks } = JSON.parse((await run('tasks list --namespace hostile --json')).stdout);
    assert.equal(tasks[0].message, 'one\u001b[2J\ntwo\u009b31m \u202eback');
  });

  it('fits a narrow terminal, with times that are relative and names that are whole', async () => {
    const { stdout } = await cli('tasks list --category validation', { env: services.env, columns: 44 });
    assert.ok(stdout.split('\n').every((line) => line.length <= 44));
    assert.match(stdout, /^validation\/42 {2}complet\S+ +(now|\d+s ago) +18 bad .*…$/m);
  });

  it('exits with 2 for a limit that is none, and for two that contradict', async () => {
    for (const line of ['tasks list --limit 0', 'tasks list --limit x', 'tasks list --limit 5 --all']) {
      assert.equal((await run(line)).code, 2, line);
    }
  });

  it('exits with 78 and one line where no service listens', async () => {
    const { code, stdout, stderr } = await run('tasks list --database 127.0.0.1:1');
    assert.deepEqual([code, stdout, stderr.split('\n').length], [78, '', 2]);
  });
});
