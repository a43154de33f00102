/** The settings of the Database service. */
import {
  defineSettings,
  embeddedSettings,
  limits,
  type Settings,
  setting,
  sidePortSettings,
  valueSettings,
} from '@connections/runtime';
import { type TaskTtlName, taskTtlRows } from './domain/ttl-policy.ts';
import { type PortName, schemesOf } from './driver/driver-registry.ts';

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
  cacheUrl: driverUrl('cache', 'DATABASE_CACHE_URL'),
  schemasUrl: driverUrl('schemas', 'DATABASE_SCHEMAS_URL'),
  tasksUrl: driverUrl('tasks', 'DATABASE_TASKS_URL'),
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
  userCacheTtlSeconds: ttl('USER_CACHE_TTL_SECONDS', 900, 'users that the API service caches'),
  userListCacheTtlSeconds: ttl(
    'USER_LIST_CACHE_TTL_SECONDS',
    300,
    'lists of users that the API service caches',
  ),
  schemaCacheTtlSeconds: ttl('SCHEMA_CACHE_TTL_SECONDS', 21_600, 'schemas that the API service caches'),
  redisHost: setting.text({ env: 'REDIS_HOST', default: undefined, doc: 'The host of Redis.' }),
  redisPort: setting.port({ env: 'REDIS_PORT', default: 6_379, doc: 'The port of Redis.' }),
  redisDatabase: setting.integer({
    env: 'REDIS_DB',
    default: 0,
    max: 65_535,
    doc: 'The number of the database on Redis.',
  }),
  redisPassword: setting.secret({
    env: 'REDIS_PASSWORD',
    default: undefined,
    doc: 'The password of Redis.',
  }),
  mongoHost: setting.text({ env: 'MONGO_HOST', default: undefined, doc: 'The host of MongoDB.' }),
  mongoPort: setting.port({ env: 'MONGO_PORT', default: 27_017, doc: 'The port of MongoDB.' }),
  mongoUser: setting.text({
    env: 'MONGO_INITDB_ROOT_USERNAME',
    default: undefined,
    doc: 'The user on MongoDB.',
  }),
  mongoPassword: setting.secret({
    env: 'MONGO_INITDB_ROOT_PASSWORD',
    default: undefined,
    doc: 'The password of the user on MongoDB.',
  }),
  mongoAuthSource: setting.text({
    env: 'MONGO_AUTH_SOURCE',
    default: 'admin',
    doc: 'The database on MongoDB that knows the user.',
  }),
  mongoDatabase: setting.text({
    env: 'MONGO_DB',
    default: 'typechecking',
    doc: 'The database on MongoDB.',
  }),
  mongoSchemasCollection: setting.text({
    env: 'MONGO_SCHEMAS_COLLECTION',
    default: 'schemas',
    doc: 'The collection of schemas on MongoDB.',
  }),
  mongoTasksCollection: setting.text({
    env: 'MONGO_TASKS_COLLECTION',
    default: 'tasks',
    doc: 'The collection of tasks on MongoDB.',
  }),
  ...valueSettings,
  ...embeddedSettings,
});

export type DatabaseSettings = Settings<typeof databaseSettings>;

function driverUrl(port: PortName, env: string) {
  return setting.url({
    env,
    schemes: schemesOf(port),
    default: 'embedded:',
    doc: `The store of the ${port} port.`,
  });
}

function taskTtl(name: TaskTtlName) {
  const { variable, seconds, statuses } = taskTtlRows[name];
  return ttl(variable, seconds, `a task in status ${statuses.join(', ')}`);
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
