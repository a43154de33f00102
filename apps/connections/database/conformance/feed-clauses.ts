/** The contract of the task feed. Text: docs/contract/feed.md. */
import assert from 'node:assert/strict';
import { type FeedClause, Follower, patienceBatches, tasksOf } from './feed-acts.ts';
import { data, patch, put, read, refOf, remove } from './tasks-acts.ts';

export const feedClauses: readonly FeedClause[] = [
  {
    id: 'TF-101',
    title: 'a feed that is opened without a token gives one before anything happens',
    async run({ port, signal }) {
      for await (const batch of port.feed.open(undefined, signal)) {
        assert.ok(batch.outcome === 'CHANGES');
        assert.deepEqual(batch.changes, []);
        assert.notEqual(batch.token, '');
        break;
      }
    },
  },
  {
    id: 'TF-102',
    title: 'every write that is committed after the first batch is told, as the task is then or later',
    async run(world) {
      const tasks = tasksOf(world);
      await using follower = await Follower.from(world);
      await put(tasks, { message: 'first', data: { import_name: 'people' } });
      await follower.untilTold({ t1: 1 });
      await patch(tasks, { status: 'completed', ...data({ 'a.b': '1' }) });
      await patch(tasks, { message: 'second' });
      await put(tasks, {}, { id: 't2' });
      await follower.untilTold({ t1: 3, t2: 1 });
      const told = follower.last.get('t1');
      assert.deepEqual(told?.task, await read(tasks));
      assert.deepEqual([told?.incarnation, told?.foreign], [told?.task?.incarnation, false]);
      assert.deepEqual(told?.ref, refOf(tasks));
    },
  },
  {
    id: 'TF-103',
    title: 'the revisions of an incarnation never fall',
    async run(world) {
      const tasks = tasksOf(world);
      await using follower = await Follower.from(world);
      const ids = ['t1', 't2', 't3'];
      for (const id of ids) await put(tasks, {}, { id });
      const writers = Array.from({ length: 6 }, async (_, at) => {
        const id = ids[at % 3] ?? '';
        for (let round = 0; round < 10; round++) await patch(tasks, { code: round }, { id });
      });
      await Promise.all(writers);
      await follower.untilTold({ t1: 21, t2: 21, t3: 21 });
      for (const id of ids) {
        const revisions = follower.told.flatMap(({ ref, task }) =>
          ref.id === id && task ? task.revision : [],
        );
        assert.deepEqual(
          revisions,
          revisions.toSorted((a, b) => a - b),
        );
      }
    },
  },
  {
    id: 'TF-104',
    title: 'a removal is told with the identity and the incarnation, and without a task',
    async run(world) {
      const tasks = tasksOf(world);
      await using follower = await Follower.from(world);
      const { task } = await put(tasks);
      await follower.untilTold({ t1: 1 });
      await remove(tasks);
      await follower.untilTold({ t1: 0 });
      const { incarnation } = task;
      assert.deepEqual(follower.last.get('t1'), {
        ref: refOf(tasks),
        incarnation,
        task: undefined,
        foreign: false,
      });
    },
  },
  {
    id: 'TF-105',
    title: 'of a task that is created again the removal comes first, then the new incarnation',
    async run(world) {
      const tasks = tasksOf(world);
      await using follower = await Follower.from(world);
      const first = (await put(tasks)).task.incarnation;
      await remove(tasks);
      const second = (await put(tasks)).task.incarnation;
      await follower.until(() => assert.equal(follower.last.get('t1')?.incarnation, second));
      const lives = follower.told.map(({ incarnation, task }) => [incarnation, task !== undefined] as const);
      const begin = lives.findIndex(([incarnation]) => incarnation === second);
      assert.deepEqual(lives[begin - 1], [first, false]);
      assert.ok(lives.slice(begin).every(([incarnation, stands]) => incarnation === second && stands));
    },
  },
  {
    id: 'TF-106',
    title: 'tasks of every namespace and category are told by their identity',
    async run(world) {
      const tasks = tasksOf(world);
      const other = { ...tasks, namespace: `${tasks.namespace}-b` };
      await using follower = await Follower.from(world);
      await put(tasks, { message: 'a' });
      await put(other, { message: 'b' });
      await put(tasks, { message: 'c' }, { category: 'other' });
      const expected = [
        [tasks.namespace, 'validation', 't1', 'a'],
        [other.namespace, 'validation', 't1', 'b'],
        [tasks.namespace, 'other', 't1', 'c'],
      ];
      await follower.until(() => {
        const told = follower.told.map(({ ref, task }) => [
          ref.namespace,
          ref.category,
          ref.id,
          task?.message,
        ]);
        assert.deepEqual(new Set(told.map(String)), new Set(expected.map(String)));
      });
    },
  },
  {
    id: 'TF-201',
    title: 'what was committed while nobody followed is told after the token',
    async run(world) {
      const tasks = tasksOf(world);
      const token = await tokenAfter(world, async () => {});
      await put(tasks);
      await patch(tasks, { message: 'second' });
      await put(tasks, {}, { id: 't2' });
      await remove(tasks, { id: 't2' });
      await using follower = await Follower.from(world, token);
      await follower.untilTold({ t1: 2, t2: 0 });
    },
  },
  {
    id: 'TF-202',
    title: 'the token of every batch leads to all that came behind it',
    async run(world) {
      const tasks = tasksOf(world);
      await using follower = await Follower.from(world);
      const revisions: Record<string, number> = {};
      const places: { readonly token: string; readonly id: string }[] = [];
      for (const id of ['t1', 't2', 't3']) {
        places.push({ token: follower.token, id });
        await put(tasks, {}, { id });
        revisions[id] = 1;
        await follower.untilTold(revisions);
        await follower.untilRead();
      }
      for (const { token, id } of places) {
        await using again = await Follower.from(world, token);
        const behind = Object.entries(revisions).filter(([each]) => each >= id);
        await again.until(() => assert.ok(behind.every(([each]) => again.last.has(each))));
      }
    },
  },
  {
    id: 'TF-203',
    title: 'a feed that has nothing to tell gives tokens all the same, and they are good',
    async run(world) {
      const tasks = tasksOf(world);
      await using follower = await Follower.from(world);
      await follower.untilRead();
      await follower.untilRead();
      const { token } = follower;
      await put(tasks);
      await using again = await Follower.from(world, token);
      await again.untilTold({ t1: 1 });
    },
  },
  {
    id: 'TF-204',
    title: 'readers take nothing from each other',
    async run(world) {
      const tasks = tasksOf(world);
      await using first = await Follower.from(world);
      await using second = await Follower.from(world, first.token);
      await put(tasks);
      await Promise.all([first.untilTold({ t1: 1 }), second.untilTold({ t1: 1 })]);
    },
  },
  {
    id: 'TF-205',
    title: 'a token is good after a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      const token = await tokenAfter(world, async () => {});
      await put(tasksOf(world));
      const again = { ...world, port: await world.reopen() };
      await patch(tasksOf(again), { message: 'second' });
      await using follower = await Follower.from(again, token);
      await follower.untilTold({ t1: 2 });
    },
  },
  {
    id: 'TF-301',
    title: 'a token that no feed gave is answered with HISTORY_LOST, and with nothing else',
    async run({ port, signal }) {
      for (const token of ['', 'x', 'stream:1:', 'poll:1:e30', '0'.repeat(100)]) {
        const outcomes: string[] = [];
        for await (const batch of port.feed.open(token, signal)) {
          outcomes.push(batch.outcome);
          if (outcomes.length > 1) break;
        }
        assert.deepEqual(outcomes, ['HISTORY_LOST'], `of ${token}`);
      }
    },
  },
  {
    id: 'TF-401',
    title: 'a feed rejects with the reason of its signal as soon as that aborts',
    async run({ port }) {
      const reason = new Error('left');
      const leaving = new AbortController();
      const following = async (signal: AbortSignal) => {
        for await (const batch of port.feed.open(undefined, signal)) {
          if (batch.outcome === 'CHANGES') setTimeout(() => leaving.abort(reason), 20);
        }
      };
      const outcomeOf = (feed: Promise<void>) =>
        feed.then(
          () => 'it ended',
          (error) => error,
        );
      assert.equal(await outcomeOf(following(AbortSignal.abort(reason))), reason);
      const begun = performance.now();
      assert.equal(await outcomeOf(following(leaving.signal)), reason);
      assert.ok(performance.now() - begun < 5_000, 'it took its time');
    },
  },
  {
    id: 'TF-402',
    title: 'a reader that takes its time misses nothing',
    async run(world) {
      const tasks = tasksOf(world);
      const ids = Array.from({ length: 20 }, (_, at) => `t${at}`);
      const told = new Set<string>();
      let batches = 0;
      for await (const batch of world.port.feed.open(undefined, world.signal)) {
        assert.ok(batch.outcome === 'CHANGES');
        for (const { ref } of batch.changes) if (ref.namespace === tasks.namespace) told.add(ref.id);
        if (batches++ === 0) await Promise.all(ids.map((id) => put(tasks, {}, { id })));
        if (told.size === ids.length || batches > patienceBatches) break;
      }
      assert.deepEqual(told, new Set(ids));
    },
  },
];

/** A token that is given when `act` is done. */
async function tokenAfter(world: Parameters<typeof tasksOf>[0], act: () => Promise<void>): Promise<string> {
  await using follower = await Follower.from(world);
  await act();
  await follower.untilRead();
  return follower.token;
}
