/** MongoDB for the tests: one server for a file, an empty database for whoever asks, links that are closed in the end. */
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type MongoOptions, type OpenPort, startMongo, type TestServer } from '@connections/testing';
import { MongoClient } from 'mongodb';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { MongoTasks } from '../src/driver/mongo/mongo-tasks.ts';
import type { Tasks } from '../src/port/tasks.ts';

/** Started for the first who asks, and ended after the last test of the file. */
export function mongoServer(options: MongoOptions = {}): () => Promise<TestServer> {
  let server: Promise<TestServer> | undefined;
  after(async () => (await server)?.[Symbol.asyncDispose]());
  return () => {
    server ??= startMongo(options);
    return server;
  };
}

/** Parts of a connection string, which may name several hosts. */
const pattern = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(\?.*)?$/;

/**
 * A database with a client that knows nothing of ours. Without a name it is an empty one; with a name always the same one,
 * which on a server that the environment names is the one that the server's URL names.
 */
export async function openDatabase(server: TestServer, name?: string) {
  const [, hosts, given, options = ''] = pattern.exec(server.url) ?? [];
  const named = name === undefined ? `connections_test_${randomUUID().slice(0, 8)}` : given || name;
  const url = `${hosts}/${named}${options}`;
  const client = await MongoClient.connect(url);
  return {
    url,
    db: client.db(named),
    async [Symbol.asyncDispose]() {
      await client.db(named).dropDatabase();
      await client.close();
    },
  };
}

export interface OpenedTasks extends AsyncDisposable {
  readonly link: MongoLink;
  readonly tasks: MongoTasks;
}

/** Connected and, as far as they can be, indexed. */
export async function openTasks(url: string): Promise<OpenedTasks> {
  const link = new MongoLink({ url, database: 'unnamed' });
  const tasks = new MongoTasks(link, 'tasks');
  await tasks.indexes.tried;
  return {
    link,
    tasks,
    async [Symbol.asyncDispose]() {
      await tasks[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

/** The task port for the clauses; `as` may stand between them and the driver. */
export function openMongoTasks(
  server: () => Promise<TestServer>,
  as: (tasks: Tasks) => Tasks = (tasks) => tasks,
): OpenPort<Tasks> {
  return async () => {
    const { url, db } = await openDatabase(await server(), 'clauses');
    for (const name of ['tasks', 'tasks_namespaces']) await db.collection(name).deleteMany({});
    let opened = await openTasks(url);
    return {
      port: as(opened.tasks),
      passTime: (ms) => delay(ms),
      async reopen() {
        await opened[Symbol.asyncDispose]();
        opened = await openTasks(url);
        return as(opened.tasks);
      },
      async [Symbol.asyncDispose]() {
        await opened[Symbol.asyncDispose]();
        await db.client.close();
      },
    };
  };
}
