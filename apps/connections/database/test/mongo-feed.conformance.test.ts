/** The task feed on MongoDB keeps its contract: as a change stream of a replica set, and polled on a standalone server. */
import { describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type MongoOptions, mongoMissing, type OpenPort, runClauses } from '@connections/testing';
import type { FollowedTasks } from '../conformance/feed-acts.ts';
import { feedClauses } from '../conformance/feed-clauses.ts';
import type { TaskChange } from '../src/port/task-feed.ts';
import type { TaskRef, Tasks } from '../src/port/tasks.ts';
import { tasksInDefault } from './default-namespace.ts';
import { openFollowed } from './mongo-feed-ports.ts';
import { mongoServer, openDatabase } from './mongo-ports.ts';

/** The feed tells of the default namespace; the clause knows it by its own. */
function inDefault({ capabilities, tasks, feed }: FollowedTasks): FollowedTasks {
  const within = tasksInDefault(tasks);
  let own = '';
  const noted = <Ref extends TaskRef>(ref: Ref): Ref => {
    if (!ref.namespace.endsWith('-b')) own = ref.namespace;
    return ref;
  };
  const noting: Tasks = {
    ...within,
    put: (ref, ...rest) => within.put(noted(ref), ...rest),
    patch: (ref, ...rest) => within.patch(noted(ref), ...rest),
  };
  const back = (change: TaskChange): TaskChange => {
    const { ref, task } = change;
    if (ref.namespace !== 'default') return change;
    return { ...change, ref: { ...ref, namespace: own }, task: task && { ...task, namespace: own } };
  };
  return {
    capabilities,
    tasks: noting,
    feed: {
      async *open(...call) {
        for await (const batch of feed.open(...call)) {
          yield batch.outcome === 'CHANGES' ? { ...batch, changes: batch.changes.map(back) } : batch;
        }
      },
    },
  };
}

function open(
  server: ReturnType<typeof mongoServer>,
  as = (port: FollowedTasks) => port,
): OpenPort<FollowedTasks> {
  return async () => {
    const { url, db } = await openDatabase(await server(), 'clauses');
    for (const name of ['tasks', 'tasks_namespaces']) await db.collection(name).deleteMany({});
    let opened = await openFollowed(url);
    return {
      port: as(opened),
      passTime: (ms) => delay(ms),
      async reopen() {
        await opened[Symbol.asyncDispose]();
        opened = await openFollowed(url);
        return as(opened);
      },
      async [Symbol.asyncDispose]() {
        await opened[Symbol.asyncDispose]();
        await db.client.close();
      },
    };
  };
}

for (const [kind, options] of Object.entries<MongoOptions>({
  'streamed by a replica set': {},
  'polled on a standalone server': { standalone: true },
})) {
  describe(`feed: MongoDB, ${kind}`, { skip: mongoMissing(options) ?? false }, () => {
    const server = mongoServer(options);
    runClauses('in a namespace', feedClauses, open(server));
    runClauses('in the default namespace', feedClauses, open(server, inDefault));
  });
}
