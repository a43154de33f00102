/** Tests which tasks are not kept for ever, by the settings. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readSettings, SettingsError } from '@connections/runtime';
import { databaseSettings } from '../src/database-settings.ts';
import { retentionRules } from '../src/domain/retention-policy.ts';
import { taskTtlRows } from '../src/domain/ttl-policy.ts';
import { startDatabase } from './v1-database.ts';

const forEver = { pending: 0, processing: 0, completed: 0, published: 0, failed: 0, fallback: 0 };

it('keeps every task for ever unless told otherwise', () => {
  assert.deepEqual(retentionRules(forEver), []);
  const settings = readSettings(databaseSettings, {});
  assert.deepEqual([settings.taskRetentionSeconds, settings.taskRetentionFailedSeconds], [0, 0]);
});

it('has a rule for each kind of status, and one for all that are of no kind', () => {
  assert.deepEqual(retentionRules({ ...forEver, completed: 2 }), [
    { keptMs: 2_000, statuses: ['completed'], is: 'in' },
  ]);
  const [others, ...more] = retentionRules({ ...forEver, fallback: 3 });
  assert.deepEqual([others?.keptMs, others?.is, more], [3_000, 'not in', []]);
  const named = Object.values(taskTtlRows).flatMap((row): readonly string[] => row.statuses);
  assert.deepEqual(others?.statuses, named);
});

it('reads one time for all, which a kind of status can have otherwise, for ever too', () => {
  const settings = readSettings(databaseSettings, {
    TASK_RETENTION_SECONDS: '100',
    TASK_RETENTION_COMPLETED_SECONDS: '5',
    TASK_RETENTION_FAILED_SECONDS: '0',
  });
  assert.deepEqual(
    [
      settings.taskRetentionSeconds,
      settings.taskRetentionPendingSeconds,
      settings.taskRetentionCompletedSeconds,
      settings.taskRetentionFailedSeconds,
    ],
    [100, 100, 5, 0],
  );
  assert.throws(() => readSettings(databaseSettings, { TASK_RETENTION_SECONDS: '-1' }), SettingsError);
  assert.throws(() => readSettings(databaseSettings, { TASK_RETENTION_SECONDS: '1e9' }), SettingsError);
});

it('says at the start that tasks on the embedded driver are kept for ever all the same', async () => {
  await using database = await startDatabase({ TASK_RETENTION_FAILED_SECONDS: '5' });
  assert.deepEqual(database.service.notices, ['TASK_RETENTION_* is not used: the tasks are not on MongoDB']);
  await using plain = await startDatabase();
  assert.deepEqual(plain.service.notices, []);
});
