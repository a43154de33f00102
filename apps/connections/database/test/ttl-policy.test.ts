/** Tests which TTL each status of a task has. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readSettings, SettingsError } from '@connections/runtime';
import { databaseSettings } from '../src/database-settings.ts';
import { createTtlPolicy, taskTtlRows } from '../src/domain/ttl-policy.ts';

const policy = createTtlPolicy({
  pending: 1,
  processing: 2,
  completed: 3,
  published: 4,
  failed: 5,
  fallback: 6,
});

it('gives every status of the wire contract the TTL of its row', () => {
  assert.equal(policy('accepted'), 1);
  assert.equal(policy('validating-file'), 2);
  assert.equal(policy('schema-created'), 2);
  assert.equal(policy('completed'), 3);
  assert.equal(policy('published'), 4);
  assert.equal(policy('failed-removing-schema'), 5);
});

it('gives any other status the default, names of the platform included', () => {
  for (const status of ['stalled', 'Accepted', '__proto__', 'constructor']) assert.equal(policy(status), 6);
});

it('puts no status in two rows', () => {
  const statuses = Object.values(taskTtlRows).flatMap((row): readonly string[] => row.statuses);
  assert.equal(new Set(statuses).size, statuses.length);
});

it('reads every TTL from the variable that the existing deployments set', () => {
  const settings = readSettings(databaseSettings, {
    TASK_TTL_PENDING_SECONDS: '7',
    DEFAULT_TTL_SECONDS: '8',
  });
  assert.equal(settings.taskTtlPendingSeconds, 7);
  assert.equal(settings.taskTtlProcessingSeconds, 3_600);
  assert.equal(settings.defaultTtlSeconds, 8);
  assert.throws(() => readSettings(databaseSettings, { TASK_TTL_FAILED_SECONDS: '0' }), SettingsError);
});
