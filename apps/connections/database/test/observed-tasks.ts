/** Tasks on MongoDB that are watched while their writes go together, and disturbed between a bulk write and its read. */
import type { TestContext } from 'node:test';
import { sabotaged, type TestServer } from '@connections/testing';
import type { Collection, Document } from 'mongodb';
import type { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { MongoTasks } from '../src/driver/mongo/mongo-tasks.ts';
import type { TaskState } from '../src/port/tasks.ts';
import { openDatabase, openTasks } from './mongo-ports.ts';

const { signal } = new AbortController();
export const ref = (id: string | number, namespace = 'default') => ({
  namespace,
  category: 'c',
  id: `${id}`,
});
export const state: TaskState = { status: 'accepted', code: 202, message: '', data: new Map() };
export const by = (requestId?: string) => ({ requestId, principal: 'ann', allowBuffered: false });
export const putting = (requestId?: string) => ({ ...by(requestId), ifAbsent: false });
export const creating = (requestId?: string) => ({ ...by(requestId), ifAbsent: true });
export const patching = (requestId?: string) => ({ ...by(requestId), expectedRevision: undefined });
export const reading = { token: undefined, strong: true };
export const adding = (key: string, value = '') => ({
  data: { replace: false, remove: [], set: new Map([[key, value]]) },
});

/** What an answer or an error says, short. */
export async function said(call: Promise<{ readonly task: { readonly revision: number } }>): Promise<string> {
  return call.then(
    ({ task }) => `revision ${task.revision}`,
    (error) => error.reason ?? error.message,
  );
}

/** `between` happens once, after the next bulk write and before what it did is read. */
export async function openObserved(context: TestContext, server: TestServer) {
  const database = await openDatabase(server);
  const { link, tasks: other } = await openTasks(database.url);
  const seen: string[] = [];
  const between: (() => Promise<unknown>)[] = [];
  const tasks = new MongoTasks(observed(link, seen, between), 'tasks');
  await tasks.indexes.tried;
  context.after(async () => {
    await link[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const get = async (id: string | number) => (await tasks.get(ref(id), reading, signal)).task;
  const make = async (...ids: readonly (string | number)[]) => {
    await Promise.all(ids.map((id) => tasks.put(ref(id), state, putting(), signal)));
    seen.length = 0;
  };
  return { ...database, link, tasks, other, seen, between, get, make };
}

/** The link, noting the commands that writes are made of, and doing what is next in `between` after each bulk write, in `betweenSingle` after each other. */
export function observed(
  link: MongoLink,
  seen: string[],
  between: (() => Promise<unknown>)[],
  betweenSingle: (() => Promise<unknown>)[] = [],
): MongoLink {
  const collectionOf = (name: string): Collection<Document> => {
    const collection = link.collection<Document>(name);
    return sabotaged(collection, {
      bulkWrite: async (...call: Parameters<Collection<Document>['bulkWrite']>) => {
        seen.push(`bulkWrite ${call[0].length}`);
        const result = await collection.bulkWrite(...call);
        await between.shift()?.();
        return result;
      },
      find: (...call: Parameters<Collection<Document>['find']>) => {
        seen.push('find');
        return collection.find(...call);
      },
      findOneAndUpdate: async (...call: Parameters<Collection<Document>['findOneAndUpdate']>) => {
        seen.push('findOneAndUpdate');
        const document = await collection.findOneAndUpdate(...call);
        await betweenSingle.shift()?.();
        return document;
      },
    } as Partial<Collection<Document>>);
  };
  return sabotaged(link, { collection: collectionOf as MongoLink['collection'] });
}
