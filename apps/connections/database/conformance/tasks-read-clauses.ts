/** TA-4xx and TA-5xx: reading, listing, and the history of statuses. */
import assert from 'node:assert/strict';
import { limits } from '@connections/runtime';
import {
  data,
  ids,
  later,
  pages,
  patch,
  principal,
  put,
  queryOf,
  read,
  refOf,
  remove,
  statuses,
  type TasksClause,
  type TasksWorld,
  transitionsOf,
} from './tasks-acts.ts';

/** Six tasks that differ in category, import name and status, each updated later than the one before. */
async function putSix(world: TasksWorld): Promise<void> {
  for (const [id, category, importName, status] of [
    ['t1', 'validation', 'people', 'accepted'],
    ['t2', 'validation', 'people', 'completed'],
    ['t3', 'validation', 'places', 'accepted'],
    ['t4', 'schemas', 'people', 'accepted'],
    ['t5', 'schemas', 'places', 'completed'],
    ['t6', 'validation', 'people', 'accepted'],
  ] as const) {
    await put(world, { status, data: { import_name: importName } }, { id, category });
    await later(world);
  }
}

export const tasksReadClauses: readonly TasksClause[] = [
  {
    id: 'TA-401',
    title: 'an unknown task is not there, however often it is read',
    async run(world) {
      await put(world, {}, { id: 'other' });
      assert.equal(await read(world), undefined);
      assert.equal(await read(world), undefined);
      assert.equal(await statuses(world), undefined);
      assert.deepEqual(await ids(world), ['other']);
    },
  },
  {
    id: 'TA-402',
    title: 'a strong read comes from the authority',
    async run(world) {
      await put(world);
      const { source, task } = await world.port.get(
        refOf(world),
        { token: undefined, strong: true },
        world.signal,
      );
      assert.deepEqual([source, task?.id], ['AUTHORITY', 't1']);
    },
  },
  {
    id: 'TA-403',
    title: 'a read that is given the token of a write sees that write',
    async run(world) {
      await put(world);
      for (let turn = 0; turn < 5; turn++) {
        const { token, task } = await patch(world, { message: String(turn) });
        assert.notEqual(token, '');
        const found = await world.port.get(refOf(world), { token, strong: false }, world.signal);
        assert.ok((found.task?.revision ?? 0) >= task.revision, 'the read is older than the write');
        assert.notEqual(found.token, '');
      }
    },
  },
  {
    id: 'TA-404',
    title: 'a list holds the tasks that match every given filter',
    async run(world) {
      await putSix(world);
      const matching = async (filter: object) => (await ids(world, filter)).toSorted().join(' ');
      assert.equal(await matching({}), 't1 t2 t3 t4 t5 t6');
      assert.equal(await matching({ category: 'validation' }), 't1 t2 t3 t6');
      assert.equal(await matching({ importName: 'people' }), 't1 t2 t4 t6');
      assert.equal(await matching({ status: 'accepted' }), 't1 t3 t4 t6');
      assert.equal(await matching({ category: 'validation', importName: 'people' }), 't1 t2 t6');
      assert.equal(await matching({ category: 'schemas', status: 'completed' }), 't5');
      assert.equal(await matching({ importName: 'people', status: 'accepted' }), 't1 t4 t6');
      const all = { category: 'validation', importName: 'people', status: 'accepted' };
      assert.equal(await matching(all), 't1 t6');
    },
  },
  {
    id: 'TA-405',
    title: 'a list that matches nothing is empty and has no next page',
    async run(world) {
      await putSix(world);
      for (const filter of [{ category: 'valid' }, { importName: 'peopl' }, { status: 'accepted2' }]) {
        const bounds = { after: undefined, limit: 10, maxBytes: 1_000 };
        const page = await world.port.list(queryOf(world, filter), bounds, world.signal);
        assert.deepEqual([page.tasks, page.next, page.partial], [[], undefined, false]);
      }
    },
  },
  {
    id: 'TA-406',
    title: 'the task that was updated last is listed first',
    async run(world) {
      await putSix(world);
      assert.deepEqual(await ids(world), ['t6', 't5', 't4', 't3', 't2', 't1']);
      await patch(world, { message: 'new' }, { id: 't2' });
      assert.deepEqual(await ids(world), ['t2', 't6', 't5', 't4', 't3', 't1']);
      assert.deepEqual(await ids(world, { category: 'validation' }), ['t2', 't6', 't3', 't1']);
    },
  },
  {
    id: 'TA-407',
    title: 'a change of status moves the task between the lists of statuses',
    async run(world) {
      await put(world, { status: 'accepted' });
      await patch(world, { status: 'completed' });
      assert.deepEqual(await ids(world, { status: 'accepted' }), []);
      assert.deepEqual(await ids(world, { status: 'completed' }), ['t1']);
    },
  },
  {
    id: 'TA-408',
    title: 'the pages of a list hold each task once, and no page passes its limit',
    async run(world) {
      await putSix(world);
      const met: string[] = [];
      for await (const page of pages(world, { importName: 'people' }, { limit: 3 })) {
        assert.ok(page.tasks.length <= 3, `a page holds ${page.tasks.length} tasks`);
        met.push(...page.tasks.map((task) => task.id));
      }
      assert.deepEqual(met, ['t6', 't4', 't2', 't1']);
    },
  },
  {
    id: 'TA-409',
    title: 'a task that is not written meanwhile is on one page, whatever is written beside it',
    async run(world) {
      const standing = Array.from({ length: 12 }, (_, index) => `s${index}`);
      for (const id of standing) {
        await put(world, {}, { id });
        await later(world);
      }
      await put(world, {}, { id: 'moving' });
      const met: string[] = [];
      let turn = 0;
      for await (const page of pages(world, {}, { limit: 3 })) {
        met.push(...page.tasks.map((task) => task.id));
        await later(world);
        await put(world, {}, { id: `new${turn++}` });
        await patch(world, { message: `turn ${turn}` }, { id: 'moving' });
        assert.ok(turn < 50, 'the list does not end');
      }
      assert.deepEqual(
        met.filter((id) => standing.includes(id)),
        standing.toReversed(),
      );
    },
  },
  {
    id: 'TA-410',
    title: 'a page ends before its tasks pass maxBytes, and the next goes on',
    async run(world) {
      const message = 'm'.repeat(900_000);
      for (const id of ['t1', 't2', 't3', 't4']) {
        await put(world, { message }, { id });
        await later(world);
      }
      const met: string[] = [];
      for await (const page of pages(world, {}, { maxBytes: limits.pageBytes })) {
        const bytes = page.tasks.reduce((sum, task) => sum + task.message.length, 0);
        assert.ok(bytes <= limits.pageBytes, `a page holds ${bytes} bytes`);
        met.push(...page.tasks.map((task) => task.id));
      }
      assert.deepEqual(met, ['t4', 't3', 't2', 't1']);
    },
  },
  {
    id: 'TA-411',
    title: 'a list holds the tasks of its namespace only',
    async run(world) {
      await putSix(world);
      const other = { ...world, namespace: `${world.namespace}-b` };
      await put(other, { data: { import_name: 'people' } }, { id: 'theirs' });
      assert.deepEqual(await ids(other), ['theirs']);
      assert.deepEqual(await ids(other, { importName: 'people' }), ['theirs']);
      assert.equal((await ids(world)).length, 6);
    },
  },
  {
    id: 'TA-501',
    title: 'a change of status is a transition, any other change is none',
    async run(world) {
      await put(world, { status: 'accepted' });
      await patch(world, { message: 'm', code: 1 });
      await patch(world, data({ a: '1' }));
      await patch(world, { status: 'accepted' });
      await put(world, { status: 'accepted', message: 'again' });
      assert.deepEqual(await statuses(world), ['accepted']);
      await patch(world, { status: 'processing' });
      await put(world, { status: 'completed' });
      await patch(world, { status: 'accepted' });
      assert.deepEqual(await statuses(world), ['accepted', 'processing', 'completed', 'accepted']);
    },
  },
  {
    id: 'TA-502',
    title: 'a transition tells revision, time, code, message and who made it',
    async run(world) {
      const { task: first } = await put(world, { status: 'accepted', code: 202, message: 'in' });
      await later(world);
      await patch(world, { message: 'between' });
      const { task: last } = await patch(world, { status: 'completed', code: 200, message: 'out' });
      assert.deepEqual(await transitionsOf(world), [
        { revision: 1, at: first.updatedAt, status: 'accepted', code: 202, message: 'in', principal },
        { revision: 3, at: last.updatedAt, status: 'completed', code: 200, message: 'out', principal },
      ]);
    },
  },
  {
    id: 'TA-503',
    title: 'the newest 100 transitions are kept, oldest first',
    async run(world) {
      await put(world, { status: 's0' });
      for (let turn = 1; turn <= 104; turn++) await patch(world, { status: `s${turn}` });
      const kept = await statuses(world);
      assert.deepEqual(
        kept,
        Array.from({ length: limits.transitions }, (_, index) => `s${index + 5}`),
      );
    },
  },
  {
    id: 'TA-504',
    title: 'the transitions of a task are its own',
    async run(world) {
      await put(world, { status: 'accepted' });
      await put(world, { status: 'other' }, { id: 't10' });
      await patch(world, { status: 'gone' }, { id: 't10' });
      await remove(world, { id: 't10' });
      assert.deepEqual(await statuses(world), ['accepted']);
      assert.equal(await statuses(world, 't10'), undefined);
    },
  },
];
