/** The settings of the Database service. */
import {
  type Derivation,
  defineSettings,
  embeddedSettings,
  limits,
  type Settings,
  setting,
  sidePortSettings,
  valueSettings,
} from '@connections/runtime';
import { type TaskTtlName, taskTtlRows } from './domain/ttl-policy.ts';
import { storeSettings } from './store-settings.ts';

const retentionRow = defineSettings({
  taskRetentionSeconds: setting.seconds({
    env: 'TASK_RETENTION_SECONDS',
    max: limits.maxRetentionSeconds,
    default: 0,
    doc: 'How long a task on MongoDB is kept after its last change; then it is removed. 0: for ever.',
  }),
});

/** What is said of all statuses counts for each. */
const byRetention: Derivation<number> = {
  from: retentionRow.taskRetentionSeconds.env,
  value: (read) => read(retentionRow).taskRetentionSeconds || undefined,
};

export const databaseSettings = defineSettings({
  host: setting.text({
    env: 'DATABASE_CONNECTION_HOST',
    default: '127.0.0.1',
    doc: 'The address the Database service listens on. Anybody who reaches it may use it.',
  }),
  port: setting.port({
    env: 'DATABASE_CONNECTION_PORT',
    default: 50_050,
    doc: 'The port of the Database service.',
  }),
  ...sidePortSettings('DATABASE', 50_051),
  ...storeSettings,
  defaultTtlSeconds: ttl(
    'DEFAULT_TTL_SECONDS',
    1_800,
    'cache entries without an expiry and tasks of any other status',
  ),
  taskTtlPendingSeconds: taskTtl('pending'),
  taskTtlProcessingSeconds: taskTtl('processing'),
  taskTtlCompletedSeconds: taskTtl('completed'),
  taskTtlPublishedSeconds: taskTtl('published'),
  taskTtlFailedSeconds: taskTtl('failed'),
  ...retentionRow,
  taskRetentionPendingSeconds: taskRetention('pending'),
  taskRetentionProcessingSeconds: taskRetention('processing'),
  taskRetentionCompletedSeconds: taskRetention('completed'),
  taskRetentionPublishedSeconds: taskRetention('published'),
  taskRetentionFailedSeconds: taskRetention('failed'),
  userCacheTtlSeconds: ttl('USER_CACHE_TTL_SECONDS', 900, 'users that the API service caches'),
  userListCacheTtlSeconds: ttl(
    'USER_LIST_CACHE_TTL_SECONDS',
    300,
    'lists of users that the API service caches',
  ),
  schemaCacheTtlSeconds: ttl('SCHEMA_CACHE_TTL_SECONDS', 21_600, 'schemas that the API service caches'),
  ...valueSettings,
  ...embeddedSettings,
});

export type DatabaseSettings = Settings<typeof databaseSettings>;

function taskTtl(name: TaskTtlName) {
  const { variable, seconds, statuses } = taskTtlRows[name];
  return ttl(variable, seconds, `a task in status ${statuses.join(', ')}`);
}

function taskRetention(name: TaskTtlName) {
  const { retentionVariable: env, statuses } = taskTtlRows[name];
  const doc = `The same of a task in status ${statuses.join(', ')}. Unset: ${byRetention.from}.`;
  const row = { env, max: limits.maxRetentionSeconds, default: 0, doc };
  return { ...setting.seconds(row), derived: byRetention };
}

function ttl(env: string, seconds: number, what: string) {
  return setting.seconds({
    env,
    min: limits.minTtlSeconds,
    max: limits.maxTtlSeconds,
    default: seconds,
    doc: `How long the fast store and caches keep ${what}.`,
  });
}
