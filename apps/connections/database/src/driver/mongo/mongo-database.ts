/** The MongoDB drivers of the Database service: the ports that one URL was asked for, on one link. */
import { setTimeout as sleep } from 'node:timers/promises';
import { schemeOf } from '@connections/runtime';
import type { RetentionRule } from '../../port/retention-rule.ts';
import type { Schemas } from '../../port/schemas.ts';
import type { TaskFeed } from '../../port/task-feed.ts';
import type { TaskLedger } from '../../port/task-ledger.ts';
import type { Tasks } from '../../port/tasks.ts';
import { MongoLedger } from './mongo-ledger.ts';
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
  readonly collections: {
    readonly schemas?: string | undefined;
    readonly tasks?: string | undefined;
    /** Of tasks, for whoever keeps a view of them: in place of their port. */
    readonly ledger?: string | undefined;
  };
  /** Of tasks that are not kept for ever. */
  readonly retention?: readonly RetentionRule[];
}

/** Disposing of a port closes that port; disposing of the database closes them all and the connections. */
export interface MongoDatabase extends AsyncDisposable {
  /** Hosts and database. */
  readonly where: string;
  readonly stores: { readonly schemas?: Schemas; readonly tasks?: Tasks; readonly taskLedger?: TaskLedger };
  /** Of the tasks. It asks the server for nothing until it is opened. */
  readonly feed: TaskFeed | undefined;
  /** Rejects with why the server does not answer. */
  ask(signal: AbortSignal): Promise<void>;
  /** By store: indexes that cannot be built. */
  readonly concerns: OfEachStore;
  /** By store: what this kind of server does not promise. */
  readonly notices: OfEachStore;
}

type OfEachStore = Readonly<Record<'schemas' | 'tasks' | 'taskLedger', () => readonly string[]>>;

/** Resolves whether or not a server is there. Throws a RangeError for a URL that the driver does not understand. */
export async function openMongoDatabase({
  url,
  database,
  collections,
  retention,
}: MongoDatabaseOptions): Promise<MongoDatabase> {
  const link = openLink(url, database);
  const schemas = collections.schemas === undefined ? undefined : new MongoSchemas(link, collections.schemas);
  const tasks =
    collections.tasks === undefined ? undefined : new MongoTasks(link, collections.tasks, retention);
  const ledger =
    collections.ledger === undefined ? undefined : new MongoLedger(link, collections.ledger, retention);
  const feed = collections.tasks === undefined ? undefined : new MongoTaskFeed(link, collections.tasks);
  const notices = () => link.topology.notices;
  await Promise.race([link.tried, sleep(firstTryMs, undefined, { ref: false })]);
  return {
    where: `${schemeOf(url)}//${link.where}`,
    stores: {
      ...(schemas && { schemas }),
      ...(tasks && { tasks }),
      ...(ledger && { taskLedger: ledger }),
    },
    feed,
    concerns: {
      schemas: () => schemas?.indexes.problems ?? [],
      tasks: () => [...(tasks?.indexes.problems ?? []), ...(feed?.problems ?? [])],
      taskLedger: () => ledger?.problems ?? [],
    },
    notices: { schemas: notices, tasks: notices, taskLedger: notices },
    ask: (signal) => link.ask(signal),
    async [Symbol.asyncDispose]() {
      for (const port of [schemas, tasks, ledger]) await port?.[Symbol.asyncDispose]();
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
