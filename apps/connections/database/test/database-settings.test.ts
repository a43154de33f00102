/** Tests how the Database service reads its environment. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import {
  createComposeTools,
  describeSettings,
  readSettings,
  SettingsError,
  systemClock,
} from '@connections/runtime';
import { composeDatabase } from '../src/compose.ts';
import { databaseSettings } from '../src/database-settings.ts';
import { storeUrls, unusedHosts } from '../src/store-settings.ts';

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'connections-settings-'));
  folders.push(folder);
  return folder;
}

function problemsOf(env: Record<string, string>) {
  try {
    readSettings(databaseSettings, env);
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.problems;
  }
}

it('an empty environment runs on the embedded driver, for this machine only', () => {
  const settings = readSettings(databaseSettings, {});
  assert.equal(settings.host, '127.0.0.1');
  assert.equal(settings.port, 50_050);
  assert.deepEqual([settings.cacheUrl, settings.schemasUrl, settings.tasksUrl], Array(3).fill('embedded:'));
});

it('a URL without a driver is refused with the schemes that have one', () => {
  const [problem] = problemsOf({ DATABASE_CACHE_URL: 'mongodb://localhost' });
  assert.equal(problem?.variable, 'DATABASE_CACHE_URL');
  assert.match(problem?.expected ?? '', /embedded: or redis: or rediss: or redis\+sentinel:/);
  assert.equal(problemsOf({ DATABASE_TASKS_URL: 'redis://localhost' }).length, 1);
});

it('a URL may name several hosts, each a valid one', () => {
  const good = {
    DATABASE_CACHE_URL: 'redis+sentinel://me:pw@a:26379,[::1]:26380/main/1',
    DATABASE_SCHEMAS_URL: 'mongodb://a:1,b:2,c/db?replicaSet=rs0',
    DATABASE_TASKS_URL: 'mongodb+srv://me:pw@cluster.example.org/db',
  };
  assert.deepEqual(problemsOf(good), []);
  assert.equal(problemsOf({ DATABASE_SCHEMAS_URL: 'mongodb://a:1,b:x/db' }).length, 1);
});

it('the variables of existing deployments are all it takes to move to Redis and MongoDB', () => {
  const hosts = { REDIS_HOST: 'redis', MONGO_HOST: '2001:db8::1' };
  const { cacheUrl, schemasUrl, tasksUrl } = readSettings(databaseSettings, hosts);
  assert.equal(cacheUrl, 'redis://redis:6379/0');
  assert.deepEqual([schemasUrl, tasksUrl], Array(2).fill('mongodb://[2001:db8::1]:27017/typechecking'));
  const settings = readSettings(databaseSettings, {
    ...hosts,
    REDIS_PORT: '6380',
    REDIS_DB: '3',
    REDIS_PASSWORD: 'p@ss/w:rd',
    MONGO_INITDB_ROOT_USERNAME: 'ro/ot',
    MONGO_INITDB_ROOT_PASSWORD: 'p@ss',
    MONGO_DB: 'other',
    DATABASE_TASKS_URL: 'embedded:',
  });
  assert.equal(settings.cacheUrl, 'redis://:p%40ss%2Fw%3Ard@redis:6380/3');
  assert.equal(settings.schemasUrl, 'mongodb://ro%2Fot:p%40ss@[2001:db8::1]:27017/other?authSource=admin');
  assert.equal(settings.tasksUrl, 'embedded:');
  assert.deepEqual(unusedHosts(settings), ['MONGO_HOST is not used for what DATABASE_TASKS_URL names']);
});

it('tasks on MongoDB have a view where a Redis is named, and others have none', () => {
  const viewOf = (env: Record<string, string>) => storeUrls(readSettings(databaseSettings, env)).taskView;
  const both = { REDIS_HOST: 'redis', MONGO_HOST: 'mongo' };
  assert.equal(viewOf(both), 'redis://redis:6379/0');
  assert.equal(viewOf({ ...both, DATABASE_CACHE_URL: 'embedded:' }), 'redis://redis:6379/0');
  assert.equal(viewOf({ ...both, DATABASE_TASKS_VIEW_URL: 'redis://other' }), 'redis://other');
  assert.equal(viewOf({ ...both, DATABASE_TASKS_VIEW_URL: 'none:' }), undefined);
  assert.equal(viewOf({ ...both, DATABASE_TASKS_URL: 'embedded:' }), undefined);
  assert.equal(viewOf({ REDIS_HOST: 'redis' }), undefined);
  assert.equal(viewOf({ MONGO_HOST: 'mongo' }), undefined);
  assert.equal(problemsOf({ DATABASE_TASKS_VIEW_URL: 'embedded:' }).length, 1);
});

it('a view that nothing uses is told of at the start', () => {
  const settings = readSettings(databaseSettings, { DATABASE_TASKS_VIEW_URL: 'redis://redis' });
  assert.deepEqual(unusedHosts(settings), [
    'DATABASE_TASKS_VIEW_URL is not used: the tasks are not on MongoDB',
  ]);
});

it('a store that follows from the host of a server says so, with its password masked', () => {
  const env = { REDIS_HOST: 'redis', REDIS_PASSWORD: 'hunter2', DATABASE_TASKS_URL: 'embedded:' };
  const shown = new Map(
    describeSettings(databaseSettings, env).map(({ env: variable, value, origin, from }) => [
      variable,
      [value, origin, from],
    ]),
  );
  assert.deepEqual(shown.get('DATABASE_CACHE_URL'), [
    'redis://:********@redis:6379/0',
    'derived',
    'REDIS_HOST',
  ]);
  assert.deepEqual(shown.get('DATABASE_SCHEMAS_URL'), ['embedded:', 'default', undefined]);
  assert.deepEqual(shown.get('DATABASE_TASKS_URL'), ['embedded:', 'environment', undefined]);
});

it('a URL that its driver does not understand stops the start, and its password is not told', async () => {
  for (const [variable, url] of [
    ['DATABASE_CACHE_URL', 'redis://:hunter2@a,b/0'],
    ['DATABASE_TASKS_URL', 'mongodb://me:hunter2@a/db?replicaSett=rs0'],
    ['DATABASE_TASKS_URL', 'mongodb://me:not "hunter2@a/db?replicaSett=rs0'],
    // The driver finds a host and a database in it.
    ['DATABASE_TASKS_URL', 'mongodb://me:not@hunter2/really@a/db'],
    ['DATABASE_TASKS_URL', 'mongodb://me:hunter2@a/d/b'],
    // With its scheme where a host is expected.
    ['MONGO_HOST', 'mongodb://me:hunter2@a'],
  ] as const) {
    const settings = readSettings(databaseSettings, {
      [variable]: url,
      CONNECTIONS_DATA: await temporaryFolder(),
    });
    await assert.rejects(composeDatabase(settings, createComposeTools(systemClock)), (error) => {
      assert.ok(error instanceof SettingsError);
      assert.match(
        error.message,
        new RegExp(`^${variable} is ".*", expected a URL that its driver understands: `),
      );
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }
});

it('all bad settings are reported at once', () => {
  const bad = {
    DATABASE_TASKS_URL: 'nothing',
    DATABASE_CONNECTION_PORT: 'x',
    MONGO_PORT: '70000',
    MAX_VALUE_BYTES: '4 MiB',
  };
  assert.deepEqual(
    problemsOf(bad)
      .map(({ variable }) => variable)
      .sort(),
    Object.keys(bad).sort(),
  );
});

it('every variable of the existing deployments is known, and passwords are shown to nobody', () => {
  const env = {
    MONGO_HOST: 'mongo',
    MONGO_PORT: '27018',
    MONGO_INITDB_ROOT_USERNAME: 'root',
    MONGO_INITDB_ROOT_PASSWORD: 'hunter2',
    MONGO_AUTH_SOURCE: 'admin',
    MONGO_DB: 'typechecking',
    MONGO_SCHEMAS_COLLECTION: 'schemas',
    MONGO_TASKS_COLLECTION: 'tasks',
    REDIS_HOST: 'redis',
    REDIS_PORT: '6380',
    REDIS_DB: '1',
    REDIS_PASSWORD: 'hunter2',
    DATABASE_CONNECTION_HOST: '0.0.0.0',
    DATABASE_CONNECTION_PORT: '50051',
    TASK_TTL_PENDING_SECONDS: '1',
    TASK_TTL_PROCESSING_SECONDS: '2',
    TASK_TTL_COMPLETED_SECONDS: '3',
    TASK_TTL_PUBLISHED_SECONDS: '4',
    TASK_TTL_FAILED_SECONDS: '5',
    USER_CACHE_TTL_SECONDS: '6',
    USER_LIST_CACHE_TTL_SECONDS: '7',
    SCHEMA_CACHE_TTL_SECONDS: '8',
    DEFAULT_TTL_SECONDS: '9',
  };
  assert.deepEqual(problemsOf(env), []);
  const described = new Map(describeSettings(databaseSettings, env).map((each) => [each.env, each.value]));
  for (const [variable, value] of Object.entries(env)) {
    assert.equal(described.get(variable) === value, value !== 'hunter2', variable);
  }
});
