/** What the task feed on MongoDB does while its server is frozen, killed, or has lost its history. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type MongoOptions, mongoMissing } from '@connections/testing';
import type { Db } from 'mongodb';
import type { TaskState } from '../src/port/tasks.ts';
import { openFollowedDatabase } from './mongo-feed-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const { signal } = new AbortController();
const ref = (id: string) => ({ namespace: 'default', category: 'c', id });
const state: TaskState = { status: 's', code: 0, message: '', data: new Map() };
const putting = (requestId: string) => ({
  requestId,
  principal: 'ann',
  allowBuffered: false,
  ifAbsent: false,
});

for (const [kind, options] of Object.entries<MongoOptions>({
  'a replica set': { syncOnCommit: true, failPoints: true },
  'a standalone server': { syncOnCommit: true, failPoints: true, standalone: true },
})) {
  describe(`the task feed of ${kind} in trouble`, { skip: mongoMissing(options) ?? false }, () => {
    const server = mongoServer(options);

    /** The server answers this command so, as often as told. */
    const failing = (db: Db, command: string, data: object, times: number) =>
      db.admin().command({
        configureFailPoint: 'failCommand',
        mode: { times },
        data: { failCommands: [command], ...data },
      });

    it('goes on where it was when its server is killed, and loses nothing', async (context) => {
      const killed = await server();
      const { tasks, follow } = await openFollowedDatabase(context, killed);
      const follower = await follow();
      const revisions = new Map<string, number>();
      let over = false;
      const writers = [0, 1, 2].map(async (writer) => {
        for (let at = 1; !over; at++) {
          const id = `t${writer}`;
          // Most are repeated by the store itself.
          const put = () => tasks.put(ref(id), state, putting(`${id}-${at}`), signal);
          revisions.set(id, (await eventually(put, 30_000)).task.revision);
        }
      });
      for (let round = 0; round < 2; round++) {
        const before = follower.told.length;
        await follower.until(() => assert.ok(follower.told.length > before + 3));
        await killed.kill();
        await killed.restart();
      }
      over = true;
      await Promise.all(writers);
      await follower.untilTold(Object.fromEntries(revisions));
      const told = [0, 1, 2].map((writer) =>
        follower.told.flatMap(({ ref: { id }, task }) => (id === `t${writer}` && task ? task.revision : [])),
      );
      for (const order of told) {
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
    });

    it('waits for a frozen server without a rush, and goes on when it does', async (context) => {
      const frozen = await server();
      const { tasks, link, follow } = await openFollowedDatabase(context, frozen);
      const follower = await follow();
      await tasks.put(ref('t'), state, putting('r1'), signal);
      await follower.untilTold({ t: 1 });
      let attempts = 0;
      const { reached } = link;
      Object.defineProperty(link, 'reached', {
        value: () => {
          attempts++;
          return reached.call(link);
        },
      });
      frozen.freeze();
      const begun = performance.now();
      let seconds = 0;
      try {
        await eventually(() => assert.equal(link.reachable, false), 30_000);
        await delay(3_000);
        seconds = (performance.now() - begun) / 1_000;
      } finally {
        frozen.thaw();
      }
      assert.ok(attempts <= 2 * seconds, `${attempts} attempts in ${seconds} s`);
      await eventually(() => tasks.put(ref('t'), state, putting('r2'), signal), 30_000);
      await follower.untilTold({ t: 2 });
    });

    it('ends at once when its reader leaves a frozen server', async (context) => {
      const frozen = await server();
      const { feed } = await openFollowedDatabase(context, frozen);
      const leaving = new AbortController();
      const gone = new Error('gone');
      let batches = 0;
      const following = (async () => {
        for await (const _ of feed.open(undefined, leaving.signal)) batches++;
      })();
      const outcome = following.then(
        () => 'it ended',
        (error) => error,
      );
      await eventually(() => assert.ok(batches > 1), 20_000);
      frozen.freeze();
      try {
        await delay(200);
        const begun = performance.now();
        leaving.abort(gone);
        assert.equal(await outcome, gone);
        assert.ok(performance.now() - begun < 1_000, 'it took its time');
      } finally {
        frozen.thaw();
      }
    });

    it('goes on when a step of it fails in passing', async (context) => {
      const { tasks, db, follow } = await openFollowedDatabase(context, await server());
      const follower = await follow();
      const commands = options.standalone ? ['find', 'hello'] : ['getMore', 'aggregate', 'find'];
      let revision = 0;
      for (const command of commands) {
        for (const data of [{ errorCode: 91 }, { closeConnection: true }]) {
          await failing(db, command, data, 2);
          revision++;
          await eventually(() => tasks.put(ref('t'), state, putting(`r${revision}`), signal), 30_000);
          await follower.untilTold({ t: revision });
        }
      }
      assert.equal(follower.lost, undefined);
    });

    if (options.standalone) return;

    it('answers with HISTORY_LOST when the server has lost its history, and begins anew', async (context) => {
      const { tasks, db, follow, feed } = await openFollowedDatabase(context, await server());
      const first = await follow();
      await failing(db, 'getMore', { errorCode: 286 }, 2);
      await eventually(() => assert.match(first.lost ?? '', /refuses/), 20_000);
      for (const errorCode of [280, 286, 9]) {
        await failing(db, 'aggregate', { errorCode }, 2);
        const outcomes: string[] = [];
        for await (const { outcome } of feed.open(first.token, signal)) outcomes.push(outcome);
        assert.deepEqual(outcomes, ['HISTORY_LOST'], `with code ${errorCode}`);
        await failing(db, 'aggregate', { errorCode }, 0);
      }
      const again = await follow();
      await tasks.put(ref('t'), state, putting('r'), signal);
      await again.untilTold({ t: 1 });
    });

    it('fails, and does not say that history is lost, where it has no right to follow', async (context) => {
      const { db, follow, feed } = await openFollowedDatabase(context, await server());
      const { token } = await follow();
      await failing(db, 'aggregate', { errorCode: 13 }, 2);
      await assert.rejects(
        async () => {
          for await (const _ of feed.open(token, signal)) await Promise.resolve();
        },
        { reason: 'INTERNAL' },
      );
    });
  });
}
