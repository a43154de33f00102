/** TA-2xx and TA-3xx: changing and removing tasks. */
import assert from 'node:assert/strict';
import { rejectsWith } from './rejections.ts';
import {
  data,
  ids,
  patch,
  put,
  read,
  remove,
  shown,
  stateOf,
  statuses,
  type TasksClause,
} from './tasks-acts.ts';

const full = { status: 'accepted', code: 202, message: 'm', data: { a: '1', b: '2' } };

export const tasksPatchClauses: readonly TasksClause[] = [
  {
    id: 'TA-201',
    title: 'a patch changes what it gives and nothing else',
    async run(world) {
      await put(world, full);
      await patch(world, { status: 'completed' });
      assert.deepEqual(shown(await read(world)), stateOf({ ...full, status: 'completed' }));
      await patch(world, { code: 200 });
      await patch(world, { message: 'done' });
      const expected = { ...full, status: 'completed', code: 200, message: 'done' };
      const task = await read(world);
      assert.deepEqual(shown(task), stateOf(expected));
    },
  },
  {
    id: 'TA-202',
    title: 'a patch can set a message to nothing and a code to 0',
    async run(world) {
      await put(world, full);
      const { task } = await patch(world, { message: '', code: 0 });
      assert.deepEqual(shown(task), stateOf({ ...full, message: '', code: 0 }));
    },
  },
  {
    id: 'TA-203',
    title: 'data of a patch is merged key by key',
    async run(world) {
      await put(world, full);
      await patch(world, data({ b: '3', c: '4', '$x.y': '5' }));
      const expected = { a: '1', b: '3', c: '4', '$x.y': '5' };
      assert.deepEqual(shown(await read(world)), stateOf({ ...full, data: expected }));
    },
  },
  {
    id: 'TA-204',
    title: 'a patch removes the data keys it names, before it merges',
    async run(world) {
      await put(world, full);
      await patch(world, data({ b: '3' }, { remove: ['a', 'b', 'never'] }));
      assert.deepEqual(shown(await read(world)), stateOf({ ...full, data: { b: '3' } }));
    },
  },
  {
    id: 'TA-205',
    title: 'with replace the data of a patch becomes the whole of it',
    async run(world) {
      await put(world, full);
      await patch(world, data({ c: '3' }, { replace: true }));
      assert.deepEqual(shown(await read(world)), stateOf({ ...full, data: { c: '3' } }));
      await patch(world, data({}, { replace: true }));
      assert.deepEqual(shown(await read(world)), stateOf({ ...full, data: {} }));
    },
  },
  {
    id: 'TA-206',
    title: 'a patch of an unknown task is NOT_FOUND and creates nothing',
    async run(world) {
      await put(world, full, { id: 'other' });
      await rejectsWith('NOT_FOUND', patch(world, { status: 'completed' }));
      assert.equal(await read(world), undefined);
      assert.deepEqual(await ids(world), ['other']);
    },
  },
  {
    id: 'TA-207',
    title: 'a patch that expects the revision of the task is made',
    async run(world) {
      const { task } = await put(world, full);
      const written = await patch(world, { status: 'completed' }, { expectedRevision: task.revision });
      assert.deepEqual([written.task.status, written.task.revision], ['completed', 2]);
    },
  },
  {
    id: 'TA-208',
    title: 'a patch that expects another revision is ABORTED and changes nothing',
    async run(world) {
      await put(world, full);
      await patch(world, { message: 'two' });
      for (const expectedRevision of [1, 3]) {
        await rejectsWith('ABORTED', patch(world, { status: 'completed' }, { expectedRevision }));
      }
      const task = await read(world);
      assert.deepEqual([task?.status, task?.message, task?.revision], ['accepted', 'two', 2]);
    },
  },
  {
    id: 'TA-209',
    title: 'every write counts one revision',
    async run(world) {
      const revisions = [(await put(world, full)).task.revision];
      revisions.push((await patch(world, { status: 'completed' })).task.revision);
      revisions.push((await put(world, full)).task.revision);
      revisions.push((await patch(world, data({ a: '2' }))).task.revision);
      assert.deepEqual(revisions, [1, 2, 3, 4]);
      assert.equal((await read(world))?.revision, 4);
    },
  },
  {
    id: 'TA-210',
    title: 'a change of the import name moves the task to its list',
    async run(world) {
      await put(world, { data: { import_name: 'old' } });
      const { task } = await patch(world, data({ import_name: 'new' }));
      assert.equal(task.importName, 'new');
      assert.deepEqual(await ids(world, { importName: 'new' }), ['t1']);
      assert.deepEqual(await ids(world, { importName: 'old' }), []);
      await patch(world, data({}, { remove: ['import_name'] }));
      assert.deepEqual(await ids(world, { importName: 'default' }), ['t1']);
      assert.deepEqual(await ids(world, { importName: 'new' }), []);
    },
  },
  {
    id: 'TA-211',
    title: 'a write is made in one category and one namespace only',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await put(world, full);
      await put(world, full, { category: 'schemas' });
      await put(other, full);
      await patch(world, { message: 'mine' });
      assert.equal((await read(world, 't1', 'schemas'))?.message, 'm');
      assert.equal((await read(other))?.message, 'm');
    },
  },
  {
    id: 'TA-301',
    title: 'a removed task is gone from every read',
    async run(world) {
      await put(world, { ...full, data: { import_name: 'people' } });
      assert.equal((await remove(world)).removed, true);
      assert.equal(await read(world), undefined);
      assert.equal(await statuses(world), undefined);
      assert.deepEqual(await ids(world), []);
      assert.deepEqual(await ids(world, { importName: 'people' }), []);
      assert.deepEqual(await ids(world, { status: 'accepted' }), []);
    },
  },
  {
    id: 'TA-302',
    title: 'a removal tells whether there was such a task',
    async run(world) {
      assert.equal((await remove(world)).removed, false);
      await put(world, full);
      assert.equal((await remove(world)).removed, true);
      assert.equal((await remove(world)).removed, false);
    },
  },
  {
    id: 'TA-303',
    title: 'a task that is created after its removal begins anew',
    async run(world) {
      await put(world, full);
      await patch(world, { status: 'completed' });
      await remove(world);
      const { task, created } = await put(world, { status: 'accepted', data: { c: '3' } });
      assert.deepEqual([created, task.revision], [true, 1]);
      assert.deepEqual(shown(await read(world)), stateOf({ status: 'accepted', data: { c: '3' } }));
      assert.deepEqual(await statuses(world), ['accepted']);
    },
  },
  {
    id: 'TA-304',
    title: 'a removal leaves the same id of other categories and namespaces',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await put(world, full);
      await put(world, full, { category: 'schemas' });
      await put(other, full);
      await remove(world);
      assert.equal((await read(world, 't1', 'schemas'))?.revision, 1);
      assert.equal((await read(other))?.revision, 1);
    },
  },
  {
    id: 'TA-305',
    title: 'a patch of a removed task is NOT_FOUND',
    async run(world) {
      await put(world, full);
      await remove(world);
      await rejectsWith('NOT_FOUND', patch(world, { status: 'completed' }));
      assert.equal(await read(world), undefined);
    },
  },
];
