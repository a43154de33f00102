/** `connections import-legacy` against a server that answers page by page, and as a process against real services. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { StatusError } from '@connections/grpc';
import { taskService } from '@connections/proto-utils';
import type { ImportLegacyTasksResponse } from '@connections/proto-utils/v1/tasks';
import {
  createTestServer,
  mongoMissing,
  prepareMongo,
  redisCommands,
  redisMissing,
  startMongo,
  startRedis,
} from '@connections/testing';
import { runBin, startServices } from './bin-process.ts';
import { cli } from './cli-run.ts';

const { importLegacyTasks } = taskService.methods;
const page = (change: Partial<ImportLegacyTasksResponse> = {}): ImportLegacyTasksResponse => ({
  ...{ found: 0, known: 0, removed: 0, imported: 0, unreadable: 0, problems: [], nextPageToken: '' },
  ...change,
});

describe('connections import-legacy', () => {
  let pages: (ImportLegacyTasksResponse | StatusError)[] = [];
  const asked: { apply: boolean; pageToken: string }[] = [];
  const server = createTestServer({});
  let env: Record<string, string>;

  before(async () => {
    server.add(
      { fullName: taskService.fullName, methods: { importLegacyTasks } },
      {
        importLegacyTasks: async ({ apply, pageToken }) => {
          asked.push({ apply, pageToken });
          const answer = pages[asked.length - 1] ?? page();
          if (answer instanceof StatusError) throw answer;
          return answer;
        },
      },
    );
    env = { DATABASE_CONNECTION_PORT: String(await server.listen('127.0.0.1', 0)) };
  });

  beforeEach(() => {
    asked.length = 0;
    pages = [
      page({ found: 6_000, known: 5_990, removed: 1, imported: 9, nextPageToken: 'p2' }),
      page({
        ...{ found: 6_000, known: 5_898, imported: 1, unreadable: 101 },
        problems: [{ key: 'c:task:\u001b[2J', problem: 'it has no code' }],
      }),
    ];
  });

  after(() => server.stop(0));

  it('counts over all pages, changes nothing unless asked, and says how to', async () => {
    const { code, stdout, stderr } = await cli('import-legacy', { env });
    assert.equal(code, 0);
    assert.deepEqual(asked, [
      { apply: false, pageToken: '' },
      { apply: false, pageToken: 'p2' },
    ]);
    assert.match(
      stdout,
      /^found +12000\nknown +11888\nremoved in the last day +1\nto import +10\nunreadable +101$/m,
    );
    assert.match(stdout, /^UNREADABLE +PROBLEM$/m);
    assert.doesNotMatch(stdout, /[^\P{Cc}\n]/u);
    assert.equal(
      stderr,
      'looked at 12000 keys\nand 100 more that are unreadable\nnothing was changed: import them with --apply\n',
    );
  });

  it('--apply imports', async () => {
    const { code, stdout } = await cli('import-legacy --apply', { env });
    assert.equal(code, 0);
    assert.ok(asked.every(({ apply }) => apply));
    assert.match(stdout, /^imported +10$/m);
  });

  it('--json prints one document', async () => {
    const { stdout } = await cli('import-legacy --json', { env });
    assert.deepEqual(JSON.parse(stdout), {
      ...{ applied: false, found: 12_000, known: 11_888, removed: 1, imported: 10, unreadable: 101 },
      problems: [{ key: 'c:task:\u001b[2J', problem: 'it has no code' }],
    });
  });

  it('says how far it came when a page fails', async () => {
    pages[1] = new StatusError('UNAVAILABLE', 'the task store cannot be reached', {
      details: [{ kind: 'ErrorInfo', reason: 'STORE_UNREACHABLE', domain: 'connections', metadata: {} }],
    });
    const { code, stdout, stderr } = await cli('import-legacy --apply', { env });
    assert.deepEqual([code, stdout], [78, '']);
    assert.match(
      stderr,
      /the import stopped after 6000 keys, with 9 imported: they stay, and the same command goes on/,
    );
  });
});

it('exits with 76 and says why where tasks are in one store', async () => {
  await using services = await startServices();
  const { code, stdout, stderr } = await runBin('import-legacy', services.env);
  assert.deepEqual([code, stdout], [76, '']);
  assert.match(
    stderr,
    /^tasks are in one store here, which has no Redis to import tasks from .*DATABASE_TASKS_VIEW_URL/,
  );
});

const skip = redisMissing() ?? mongoMissing({ own: true }) ?? false;
it('imports from Redis into MongoDB, and finds nothing to do the second time', { skip }, async () => {
  await using redis = await startRedis();
  await using mongo = await startMongo({ own: true });
  const url = `mongodb://127.0.0.1:${mongo.port}/legacy`;
  await prepareMongo(url);
  const state = [
    'status',
    'accepted',
    'code',
    '202',
    'message',
    'taken',
    'data',
    '{"import_name": "people"}',
  ];
  await redisCommands(redis.url, ['HSET', 'validation:task:42', ...state]);
  await using services = await startServices({
    DATABASE_TASKS_URL: url,
    DATABASE_TASKS_VIEW_URL: redis.url,
  });
  const run = async (line: string) => JSON.parse((await runBin(`${line} --json`, services.env)).stdout);
  assert.equal((await run('import-legacy')).imported, 1);
  assert.equal((await run('import-legacy --apply')).imported, 1);
  const again = await run('import-legacy --apply');
  assert.deepEqual([again.imported, again.known], [0, 1]);
  assert.equal((await run('tasks get validation/42')).task.importName, 'people');
});
