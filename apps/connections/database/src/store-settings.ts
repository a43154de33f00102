/** The settings that say which store each port of the Database service has, the older variables among them. */
import { isIPv6 } from 'node:net';
import { type Derivation, defineSettings, type Settings, setting } from '@connections/runtime';
import { hasLedger, type PortName, type StoreUrls, schemesOf } from './driver/driver-registry.ts';

const redisRows = defineSettings({
  redisHost: setting.text({
    env: 'REDIS_HOST',
    default: undefined,
    doc: 'The host of Redis, which then is the store of the cache port unless DATABASE_CACHE_URL says otherwise.',
  }),
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
});

const mongoRows = defineSettings({
  mongoHost: setting.text({
    env: 'MONGO_HOST',
    default: undefined,
    doc: 'The host of MongoDB, which then is the store of the schemas and tasks ports unless their URLs say otherwise.',
  }),
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
    doc: 'The database on MongoDB, where a URL names none.',
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
});

const byRedisHost: Derivation<string> = {
  from: redisRows.redisHost.env,
  value: (read) => redisUrl(read(redisRows)),
};

const byMongoHost: Derivation<string> = {
  from: mongoRows.mongoHost.env,
  value: (read) => mongoUrl(read(mongoRows)),
};

const urlRows = defineSettings({
  cacheUrl: storeUrl('cache', 'DATABASE_CACHE_URL', byRedisHost),
  schemasUrl: storeUrl('schemas', 'DATABASE_SCHEMAS_URL', byMongoHost),
  tasksUrl: storeUrl('tasks', 'DATABASE_TASKS_URL', byMongoHost),
});

/** The view is for tasks on MongoDB: with any other store of theirs a Redis that is named for the cache is no view. */
const byRedisHostForView: Derivation<string> = {
  from: redisRows.redisHost.env,
  value: (read) => (hasLedger(read(urlRows).tasksUrl) ? redisUrl(read(redisRows)) : undefined),
};

const noView = 'none:';

const viewRows = defineSettings({
  tasksViewUrl: setting.url({
    env: 'DATABASE_TASKS_VIEW_URL',
    schemes: [...schemesOf('taskView'), noView],
    default: noView,
    derived: byRedisHostForView,
    doc: `The Redis that tasks on MongoDB are read from, and that buffers writes while MongoDB is away. Unset: the one of ${redisRows.redisHost.env}, where that is set. ${noView} is for MongoDB alone.`,
  }),
  tasksWaitMs: setting.milliseconds({
    env: 'DATABASE_TASKS_WAIT_MS',
    min: 200,
    max: 4_000,
    default: 1_000,
    doc: 'Of tasks on two stores: how long MongoDB is waited for before it is taken for away, and a write is buffered or refused. For one that needs longer, as over continents.',
  }),
});

export const storeSettings = defineSettings({ ...urlRows, ...viewRows, ...redisRows, ...mongoRows });

export type StoreSettings = Settings<typeof storeSettings>;

const rowOf = {
  cache: urlRows.cacheUrl,
  schemas: urlRows.schemasUrl,
  tasks: urlRows.tasksUrl,
  taskView: viewRows.tasksViewUrl,
};

export function storeUrls({ cacheUrl, schemasUrl, tasksUrl, tasksViewUrl }: StoreSettings): StoreUrls {
  const urls = { cache: cacheUrl, schemas: schemasUrl, tasks: tasksUrl };
  return tasksViewUrl === noView ? urls : { ...urls, taskView: tasksViewUrl };
}

/** The variable that brought a URL about. */
export function urlVariable(settings: StoreSettings, name: keyof StoreUrls): string {
  const { env, derived } = rowOf[name];
  return derived && storeUrls(settings)[name] === hostUrls(settings)[name] ? derived.from : env;
}

/** What an older deployment sets must not seem to be in use where a URL has the last word. */
export function unusedHosts(settings: StoreSettings): string[] {
  const [urls, byHost] = [storeUrls(settings), hostUrls(settings)];
  const notices = (Object.keys(rowOf) as (keyof StoreUrls)[])
    .filter((name) => byHost[name] !== undefined && byHost[name] !== urls[name])
    .map((name) => `${rowOf[name].derived?.from} is not used for what ${rowOf[name].env} names`);
  if (urls.taskView === undefined || hasLedger(urls.tasks)) return notices;
  return [...notices, `${rowOf.taskView.env} is not used: the tasks are not on MongoDB`];
}

function hostUrls(settings: StoreSettings): Readonly<Record<keyof StoreUrls, string | undefined>> {
  const [redis, mongo] = [redisUrl(settings), mongoUrl(settings)];
  const taskView = hasLedger(settings.tasksUrl) ? redis : undefined;
  return { cache: redis, schemas: mongo, tasks: mongo, taskView };
}

function redisUrl(settings: Settings<typeof redisRows>): string | undefined {
  const { redisHost, redisPort, redisDatabase, redisPassword } = settings;
  if (redisHost === undefined) return undefined;
  const credentials = redisPassword === undefined ? '' : `:${encodeURIComponent(redisPassword)}@`;
  return `redis://${credentials}${addressText(redisHost, redisPort)}/${redisDatabase}`;
}

function mongoUrl(settings: Settings<typeof mongoRows>): string | undefined {
  const { mongoHost, mongoPort, mongoUser, mongoPassword = '' } = settings;
  if (mongoHost === undefined) return undefined;
  const place = `${addressText(mongoHost, mongoPort)}/${encodeURIComponent(settings.mongoDatabase)}`;
  if (mongoUser === undefined) return `mongodb://${place}`;
  const credentials = [mongoUser, mongoPassword].map(encodeURIComponent).join(':');
  return `mongodb://${credentials}@${place}?authSource=${encodeURIComponent(settings.mongoAuthSource)}`;
}

function storeUrl(port: PortName, env: string, derived: Derivation<string>) {
  return setting.url({
    env,
    schemes: schemesOf(port),
    default: 'embedded:',
    derived,
    doc: `The store of the ${port} port. Unset: the one of ${derived.from}, where that is set.`,
  });
}

function addressText(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
