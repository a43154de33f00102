/** What the task feed on MongoDB promises beyond its contract: over processes, foreign writers, and slow readers. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually, type MongoOptions, mongoMissing } from '@connections/testing';
import { ObjectId } from 'mongodb';
import { openMongoDatabase } from '../src/driver/mongo/mongo-database.ts';
import { commitIndex } from '../src/driver/mongo/task-indexes.ts';
import type { TaskState } from '../src/port/tasks.ts';
import { openFollowedDatabase } from './mongo-feed-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const { signal } = new AbortController();
const ref = (id: string, namespace = 'default') => ({ namespace, category: 'c', id });
const state: TaskState = { status: 's', code: 0, message: '', data: new Map() };
const by = { requestId: undefined, principal: 'ann', allowBuffered: false };
const putting = { ...by, ifAbsent: false };
const patching = { ...by, expectedRevision: undefined };

const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

interface Line {
  readonly outcome: string;
  readonly token: string;
  readonly told: readonly (readonly [id: string, incarnation: string, revision: number])[];
}

/** A reader in a process of its own, killed without a word when `enough` says so. Resolves with what it printed. */
async function readUntil(
  url: string,
  after: string | undefined,
  enough: (lines: readonly Line[]) => boolean,
) {
  const args = [program('mongo-feed-reader'), url, ...(after === undefined ? [] : [after])];
  const reader: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(reader, 'exit');
  const lines: Line[] = [];
  assert.ok(reader.stdout);
  for await (const line of createInterface(reader.stdout)) {
    lines.push(JSON.parse(line));
    if (enough(lines)) reader.kill('SIGKILL');
  }
  await exited;
  return lines;
}

for (const [kind, options] of Object.entries<MongoOptions>({
  'a replica set': {},
  'a standalone server': { standalone: true },
})) {
  describe(`the task feed of ${kind}`, { skip: mongoMissing(options) ?? false }, () => {
    const server = mongoServer(options);
    const isStandalone = options.standalone === true;

    it('loses nothing of 8 writers in two processes, however often its reader is killed', async (context) => {
      const { url, tasks, follow } = await openFollowedDatabase(context, await server());
      const { token: begin } = await follow();
      const writers = ['a', 'b'].map((name) =>
        spawn(process.execPath, [program('mongo-feed-writer'), url, name, '4', '15']),
      );
      const written = Promise.all(writers.map((writer) => once(writer, 'exit')));
      let token = begin;
      const met = new Map<string, number>();
      const openings: Line[][] = [];
      const note = (lines: readonly Line[]) => {
        for (const { told } of lines)
          for (const [id, life, revision] of told) met.set(`${id} ${life}`, revision);
      };
      for (let kill = 0; kill < 4; kill++) {
        const isEnough = (so: readonly Line[]) => {
          const isIdle = so.length > 5 && so.slice(-3).every(({ told }) => told.length === 0);
          return isIdle || so.filter(({ told }) => told.length > 0).length > 2 * kill;
        };
        const lines = await readUntil(url, token, isEnough);
        openings.push(lines);
        note(lines);
        token = lines.at(-1)?.token ?? token;
      }
      assert.deepEqual(
        (await written).map(([code]) => code),
        [0, 0],
      );
      const names = ['a', 'b'].flatMap((name) => [0, 1, 2, 3].map((at) => [`${name}${at}`, at % 2] as const));
      const last = new Map<string, number>();
      for (const [id, isOther] of [...names, ['shared', 0] as const]) {
        const namespace = isOther === 1 ? 'other' : 'default';
        const { task } = await tasks.get(ref(id, namespace), { token: undefined, strong: true }, signal);
        assert.ok(task);
        last.set(`${id} ${task.incarnation}`, task.revision);
      }
      const isAllTold = () => [...last].every(([life, revision]) => met.get(life) === revision);
      openings.push(
        await readUntil(url, token, (lines) => {
          note(lines.slice(-1));
          return isAllTold() || lines.length > 100;
        }),
      );
      assert.ok(isAllTold(), 'a commit was not told');
      const left = [...met].filter(([life, revision]) => revision > 0 && !last.has(life));
      assert.deepEqual(left, [], 'a removal was not told');
      for (const lines of openings) {
        const order = new Map<string, number>();
        for (const [id, life, revision] of lines.flatMap(({ told }) => told)) {
          const before = order.get(`${id} ${life}`) ?? 0;
          assert.ok(revision === 0 || revision >= before, `${id} fell from ${before} to ${revision}`);
          order.set(`${id} ${life}`, revision === 0 ? Number.POSITIVE_INFINITY : revision);
        }
      }
    });

    it('does not ask the server for anything while its reader does something else', async (context) => {
      const { link, feed, tasks } = await openFollowedDatabase(context, await server());
      let asked = 0;
      const { watch, serverTime } = link;
      Object.defineProperties(link, {
        serverTime: {
          value: (...call: Parameters<typeof serverTime>) => ++asked && serverTime.apply(link, call),
        },
        watch: {
          value: (...call: Parameters<typeof watch>) => {
            const stream = watch.apply(link, call);
            const { tryNext } = stream;
            stream.tryNext = () => {
              asked++;
              return tryNext.call(stream);
            };
            return stream;
          },
        },
      });
      const batches = feed.open(undefined, signal)[Symbol.asyncIterator]();
      let told = 0;
      const next = async () => {
        const { value } = await batches.next();
        assert.ok(value.outcome === 'CHANGES');
        told += value.changes.length;
      };
      await next();
      await next();
      // One question may be open, and one more is asked when it is answered.
      const before = asked;
      for (let at = 0; at < 40; at++) await tasks.put(ref(`t${at}`), state, putting, signal);
      await delay(1_500);
      assert.ok(asked <= before + 1, `${asked - before} questions`);
      for (let at = 0; at < 30 && told < 40; at++) await next();
      assert.ok(told >= 40);
      await batches.return?.();
    });

    it('has an index of its own only where it polls, and none before it is opened', async (context) => {
      const { url, db, tasks } = await openFollowedDatabase(context, await server());
      await tasks.indexes.tried;
      const database = await openMongoDatabase({ url, database: 'd', collections: { tasks: 'tasks' } });
      context.after(() => database[Symbol.asyncDispose]());
      const built = async () => {
        const names = ['tasks', 'tasks_namespaces'];
        const lists = await Promise.all(names.map((name) => db.collection(name).indexes()));
        return lists.map((list) => list.some(({ name }) => name === commitIndex));
      };
      assert.deepEqual(await built(), [false, false]);
      assert.ok(database.feed);
      for await (const { outcome } of database.feed.open(undefined, signal)) {
        assert.equal(outcome, 'CHANGES');
        break;
      }
      assert.deepEqual(await built(), [isStandalone, isStandalone]);
      assert.deepEqual(database.concerns.tasks(), []);
      assert.equal(database.notices.tasks().length, isStandalone ? 1 : 0);
    });

    it('rejects when its connection is closed', async (context) => {
      const { feed, link } = await openFollowedDatabase(context, await server());
      const following = (async () => {
        for await (const _ of feed.open(undefined, signal)) await Promise.resolve();
      })();
      const rejected = assert.rejects(following, { reason: 'CLOSED' });
      await eventually(() => assert.ok(link.reachable));
      await link[Symbol.asyncDispose]();
      await rejected;
    });

    it('answers the token of the other kind of server with HISTORY_LOST', async (context) => {
      const { feed } = await openFollowedDatabase(context, await server());
      const place = Buffer.from(JSON.stringify({ settled: Date.now() })).toString('base64url');
      const token = `${isStandalone ? 'stream' : 'poll'}:1:${place}`;
      for await (const { outcome } of feed.open(token, signal)) assert.equal(outcome, 'HISTORY_LOST');
    });

    it('answers a token from before the removals that are forgotten with HISTORY_LOST', async (context) => {
      const { feed, link, tasks, follow } = await openFollowedDatabase(context, await server());
      const { token } = await follow();
      await tasks.put(ref('t'), state, putting, signal);
      const { serverTime } = link;
      const later = 24 * 3_600_000;
      Object.defineProperty(link, 'serverTime', {
        value: async (...call: Parameters<typeof serverTime>) => (await serverTime.apply(link, call)) + later,
      });
      Object.defineProperty(link.topology, 'serverTimeIn', { value: () => Date.now() + later });
      const outcomes = new Set<string>();
      for await (const { outcome } of feed.open(token, signal)) outcomes.add(outcome);
      assert.ok(outcomes.has('HISTORY_LOST'));
    });

    const others = { task: 'c', import_name: 'people', status: 'accepted', code: 202, message: '', data: {} };

    if (isStandalone) {
      it('does not see what another program writes, until we write over it', async (context) => {
        const { db, tasks, follow } = await openFollowedDatabase(context, await server());
        const follower = await follow();
        await tasks.put(ref('ours'), state, putting, signal);
        await follower.untilTold({ ours: 1 });
        await db.collection('tasks').insertOne({ ...others, task_id: 'theirs' });
        await db.collection('tasks').updateOne({ task_id: 'ours' }, { $set: { status: 'changed' } });
        await tasks.put(ref('after'), state, putting, signal);
        await follower.untilTold({ after: 1 });
        assert.equal(follower.last.has('theirs'), false);
        assert.equal(follower.last.get('ours')?.task?.status, 's');
        await tasks.patch(ref('theirs'), { message: 'm' }, patching, signal);
        await tasks.patch(ref('ours'), { message: 'm' }, patching, signal);
        await follower.untilTold({ theirs: 2, ours: 2 });
        assert.equal(follower.last.get('ours')?.task?.status, 'changed');
      });

      it('tells more commits of one moment than a page holds, each once', async (context) => {
        const { db, tasks, follow } = await openFollowedDatabase(context, await server());
        const follower = await follow();
        const committed = new Date();
        const ids = Array.from({ length: 1_500 }, () => new ObjectId());
        await db
          .collection('tasks')
          .insertMany(
            ids.map((_id) => ({ ...others, _id, task_id: String(_id), cs: { rev: 1, committed } })),
          );
        await follower.until(() => assert.equal(follower.last.size, 1_500));
        await tasks.put(ref('after'), state, putting, signal);
        await follower.untilTold({ after: 1 });
        await follower.untilRead();
        assert.equal(follower.told.length, 1_501);
      });
    } else {
      it('tells what another program writes as such', async (context) => {
        const { db, tasks, follow } = await openFollowedDatabase(context, await server());
        const follower = await follow();
        const told = () =>
          [...follower.last].map(([id, { foreign, task }]) => [id, foreign, task?.revision, task?.status]);
        await tasks.put(ref('ours'), state, putting, signal);
        await follower.until(() => assert.deepEqual(told(), [['ours', false, 1, 's']]));
        await db.collection('tasks').updateOne({ task_id: 'ours' }, { $set: { status: 'changed' } });
        await follower.until(() => assert.deepEqual(told(), [['ours', true, 1, 'changed']]));
        await tasks.patch(ref('ours'), { message: 'm' }, patching, signal);
        await follower.until(() => assert.deepEqual(told(), [['ours', false, 2, 'changed']]));
        await db.collection('tasks').insertOne({ ...others, task_id: 'theirs' });
        await follower.until(() => assert.deepEqual(told()[1], ['theirs', true, 1, 'accepted']));
        await tasks.patch(ref('theirs'), { status: 'completed' }, patching, signal);
        await follower.until(() => assert.deepEqual(told()[1], ['theirs', false, 2, 'completed']));
      });

      it('tells what another program deletes where the collection keeps what was before', async (context) => {
        const { db, tasks, follow } = await openFollowedDatabase(context, await server());
        const keep = { collMod: 'tasks', changeStreamPreAndPostImages: { enabled: true } };
        await db.command(keep).catch((error) => context.diagnostic(String(error)));
        const follower = await follow();
        const { task } = await tasks.put(ref('t'), state, putting, signal);
        await follower.untilTold({ t: 1 });
        const images = db.watch([], { fullDocumentBeforeChange: 'whenAvailable', maxAwaitTimeMS: 5_000 });
        const probe = images.tryNext();
        await follower.untilRead();
        await db.collection('tasks').deleteOne({ task_id: 't' });
        const event = await probe;
        await images.close();
        const before =
          event && 'fullDocumentBeforeChange' in event ? event.fullDocumentBeforeChange : undefined;
        if (!before) return context.skip('this server keeps nothing of what was before');
        await follower.untilTold({ t: 0 });
        const { incarnation, foreign } = follower.last.get('t') ?? {};
        assert.deepEqual([incarnation, foreign], [task.incarnation, true]);
      });

      it('answers with HISTORY_LOST when a collection is dropped', async (context) => {
        const { db, tasks, follow } = await openFollowedDatabase(context, await server());
        const follower = await follow();
        await tasks.put(ref('t'), state, putting, signal);
        await follower.untilTold({ t: 1 });
        await db.collection('tasks').drop();
        await eventually(() => assert.match(follower.lost ?? '', /drop/), 20_000);
      });
    }
  });
}
