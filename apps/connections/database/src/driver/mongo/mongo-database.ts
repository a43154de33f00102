/** The MongoDB drivers of the Database service: the ports that one URL was asked for, on one link. */
import { setTimeout as sleep } from 'node:timers/promises';
import { schemeOf } from '@connections/runtime';
import type { Schemas } from '../../port/schemas.ts';
import type { TaskFeed } from '../../port/task-feed.ts';
import type { Tasks } from '../../port/tasks.ts';
import { MongoLink } from './mongo-link.ts';
import { MongoSchemas } from './mongo-schemas.ts';
import { MongoTaskFeed } from './mongo-task-feed.ts';
import { MongoTasks } from './mongo-tasks.ts';

/** By then it is known whether a server is there, unless the URL has bounds of its own. */
const firstTryMs = 1_500;

export interface MongoDatabaseOptions {
  readonly url: string;
  /** Where the URL names none. */
  readonly database: string;
  /** Of the ports that are wanted: no other gets indexes on the server. */
  readonly collections: { readonly schemas?: string | undefined; readonly tasks?: string | undefined };
}

/** Disposing of a port closes that port; disposing of the database closes them all and the connections. */
export interface MongoDatabase extends AsyncDisposable {
  /** Hosts and database. */
  readonly where: string;
  readonly ports: { readonly schemas?: Schemas; readonly tasks?: Tasks };
  /** Of the tasks. It asks the server for nothing until it is opened. */
  readonly feed: TaskFeed | undefined;
  /** Rejects with why the server does not answer. */
  ask(signal: AbortSignal): Promise<void>;
  /** By port: indexes that cannot be built. */
  readonly concerns: { schemas(): readonly string[]; tasks(): readonly string[] };
  /** By port: what this kind of server does not promise. */
  readonly notices: { schemas(): readonly string[]; tasks(): readonly string[] };
}

/** Resolves whether or not a server is there. Throws a RangeError for a URL that the driver does not understand. */
export async function openMongoDatabase({
  url,
  database,
  collections,
}: MongoDatabaseOptions): Promise<MongoDatabase> {
  const link = openLink(url, database);
  const schemas = collections.schemas === undefined ? undefined : new MongoSchemas(link, collections.schemas);
  const tasks = collections.tasks === undefined ? undefined : new MongoTasks(link, collections.tasks);
  const feed = collections.tasks === undefined ? undefined : new MongoTaskFeed(link, collections.tasks);
  await Promise.race([link.tried, sleep(firstTryMs, undefined, { ref: false })]);
  return {
    where: `${schemeOf(url)}//${link.where}`,
    ports: { ...(schemas && { schemas }), ...(tasks && { tasks }) },
    feed,
    concerns: {
      schemas: () => schemas?.indexes.problems ?? [],
      tasks: () => [...(tasks?.indexes.problems ?? []), ...(feed?.problems ?? [])],
    },
    notices: { schemas: () => link.topology.notices, tasks: () => link.topology.notices },
    ask: (signal) => link.ask(signal),
    async [Symbol.asyncDispose]() {
      for (const port of [schemas, tasks]) await port?.[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

function openLink(url: string, database: string): MongoLink {
  try {
    return new MongoLink({ url, database });
  } catch (error) {
    throw new RangeError((error as Error).message, { cause: error });
  }
}
