/** Tests how the Database service reads its environment. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeSettings, readSettings, SettingsError } from '@connections/runtime';
import { databaseSettings } from '../src/database-settings.ts';

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
  const [problem] = problemsOf({ DATABASE_CACHE_URL: 'redis://localhost' });
  assert.equal(problem?.variable, 'DATABASE_CACHE_URL');
  assert.match(problem?.expected ?? '', /embedded:/);
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
