/** The ledger on MongoDB for the tests, beside a client that knows nothing of ours. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { TestServer } from '@connections/testing';
import { MongoLedger } from '../src/driver/mongo/mongo-ledger.ts';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import type { Feed, FeedStep, Settlement, TaskLedger } from '../src/port/task-ledger.ts';
import type { TaskOperation } from '../src/port/task-operation.ts';
import type { Task, TaskPatch, TaskRef } from '../src/port/tasks.ts';
import { openDatabase } from './mongo-ports.ts';
import { observed } from './observed-tasks.ts';

export const patient: AbortSignal = new AbortController().signal;
export const longMs = 5_000;
export const exactly = { after: undefined, exact: true } as const;

export const refTo = (id: string, namespace = 'default'): TaskRef => ({
  namespace,
  category: 'validation',
  id,
});

const asked = { principal: 'ann' };

export function putting(requestId: string, message = '', more: { ifAbsent?: boolean; status?: string } = {}) {
  const { ifAbsent = false, status = 'running' } = more;
  const state = { status, code: 202, message, data: new Map([['import_name', 'i']]) };
  return { ...asked, requestId, kind: 'put', state, ifAbsent } satisfies TaskOperation;
}

export function patching(requestId: string, patch: TaskPatch, expectedRevision?: number) {
  return { ...asked, requestId, kind: 'patch', patch, expectedRevision } satisfies TaskOperation;
}

export function removing(requestId: string) {
  return { ...asked, requestId, kind: 'remove' } satisfies TaskOperation;
}

export function taskTo(ref: TaskRef, change: Partial<Task> = {}): Task {
  return {
    ...ref,
    status: 'done',
    code: 200,
    message: 'home',
    data: new Map([['import_name', 'i']]),
    importName: 'i',
    fields: new Map(),
    incarnation: '',
    revision: 1,
    createdAt: 0,
    updatedAt: 0,
    ...change,
  };
}

/** One operation of a buffer that comes home. */
export function settling(
  on: Settlement['on'],
  task: Task | undefined,
  requestId = 'b1',
  mark = `m ${requestId}`,
): Settlement {
  return { on, task, operations: [{ requestId, mark }], transitions: [] };
}

/** Connected and indexed. */
export async function openLedger(url: string) {
  const link = new MongoLink({ url, database: 'unnamed' });
  const ledger = new MongoLedger(link, 'tasks');
  await ledger.indexes.tried;
  return {
    link,
    ledger,
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
    },
  };
}

/** A second ledger, whose messages are noted; `between` happens once each, after its next writes of one document. */
export async function openWatched(url: string) {
  const link = new MongoLink({ url, database: 'unnamed' });
  const seen: string[] = [];
  const between: (() => Promise<unknown>)[] = [];
  const ledger = new MongoLedger(observed(link, seen, [], between), 'tasks');
  await ledger.indexes.tried;
  return { link, ledger, seen, between, [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]() };
}

export async function openFeed(ledger: TaskLedger, ...from: readonly string[]): Promise<Feed> {
  const feed = await ledger.feed(from, patient);
  assert.ok(feed !== 'LOST', 'the history is lost');
  return feed;
}

/** The steps up to the next one without a change. */
export async function stepsOf(feed: Feed): Promise<FeedStep[]> {
  const steps: FeedStep[] = [];
  for (let step = await feed.next(patient); ; step = await feed.next(patient)) {
    steps.push(step);
    if (!step.event) return steps;
  }
}

/** On an empty database, closed after the test. */
export async function openLedgerFor(
  context: TestContext,
  server: TestServer,
  through = (url: string) => url,
) {
  const database = await openDatabase(server);
  const opened = await openLedger(through(database.url));
  context.after(async () => {
    await opened[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const { ledger } = opened;
  const commit = (ref: TaskRef, operation: TaskOperation, withinMs = longMs) =>
    ledger.commit(ref, operation, withinMs, patient);
  const read = (ref: TaskRef) => ledger.read(ref, exactly, patient);
  return { ...opened, url: database.url, db: database.db, commit, read };
}
