/** TA-1xx: creating and replacing tasks, and what makes a task. */
import assert from 'node:assert/strict';
import { rejectsWith } from './rejections.ts';
import { later, put, read, refOf, shown, stateOf, type TasksClause, writing } from './tasks-acts.ts';

export const tasksPutClauses: readonly TasksClause[] = [
  {
    id: 'TA-101',
    title: 'a put of an unknown task creates it at revision 1',
    async run(world) {
      const { task, created } = await put(world, { status: 'accepted', code: 202, data: { a: '1' } });
      assert.equal(created, true);
      assert.equal(task.revision, 1);
      assert.deepEqual(shown(task), stateOf({ status: 'accepted', code: 202, data: { a: '1' } }));
    },
  },
  {
    id: 'TA-102',
    title: 'a put replaces the whole state',
    async run(world) {
      await put(world, { status: 'accepted', code: 202, message: 'first', data: { a: '1', b: '2' } });
      const { created } = await put(world, { status: 'completed', code: 200, data: { b: '3' } });
      assert.equal(created, false);
      assert.deepEqual(
        shown(await read(world)),
        stateOf({ status: 'completed', code: 200, data: { b: '3' } }),
      );
    },
  },
  {
    id: 'TA-103',
    title: 'a task keeps its creation time and moves its update time',
    async run(world) {
      const { task: first } = await put(world);
      await later(world);
      const { task: second } = await put(world, { status: 'completed' });
      assert.equal(second.createdAt, first.createdAt);
      assert.ok(second.updatedAt > first.updatedAt, 'the update time stands still');
      assert.equal((await read(world))?.updatedAt, second.updatedAt);
    },
  },
  {
    id: 'TA-104',
    title: 'with ifAbsent an unknown task is created',
    async run(world) {
      const { created, task } = await put(world, { message: 'new' }, { ifAbsent: true });
      assert.deepEqual([created, task.message, task.revision], [true, 'new', 1]);
    },
  },
  {
    id: 'TA-105',
    title: 'with ifAbsent a known task is ALREADY_EXISTS and unchanged',
    async run(world) {
      await put(world, { message: 'first' });
      await rejectsWith('ALREADY_EXISTS', put(world, { message: 'second' }, { ifAbsent: true }));
      const task = await read(world);
      assert.deepEqual([task?.message, task?.revision], ['first', 1]);
    },
  },
  {
    id: 'TA-106',
    title: 'texts are kept character for character',
    async run(world) {
      const state = {
        status: 'Ünïcode status',
        message: ' é\r\n\t"😀" ',
        data: { k: '\n', empty: '', é: 'ü' },
      };
      await put(world, state);
      assert.deepEqual(shown(await read(world)), stateOf(state));
    },
  },
  {
    id: 'TA-107',
    title: 'a code is any int32',
    async run(world) {
      for (const code of [0, -1, 200, 2 ** 31 - 1, -(2 ** 31)]) {
        await put(world, { code });
        assert.equal((await read(world))?.code, code);
      }
    },
  },
  {
    id: 'TA-108',
    title: 'an id or category of any characters is one like any other',
    async run(world) {
      const names = [
        '__proto__',
        'a.b',
        '$x',
        'a:b',
        'a/b',
        ' ',
        '*',
        '{a}',
        '😀',
        'A',
        'a',
        'n'.repeat(128),
      ];
      for (const name of names) await put(world, { message: `id ${name}` }, { id: name });
      for (const name of names) await put(world, { message: `category ${name}` }, { category: name });
      for (const name of names) {
        assert.equal((await read(world, name))?.message, `id ${name}`);
        assert.equal((await read(world, 't1', name))?.message, `category ${name}`);
      }
    },
  },
  {
    id: 'TA-109',
    title: 'a data key of any characters is a key like any other',
    async run(world) {
      const keys = [
        '__proto__',
        'constructor',
        'a.b',
        '$set',
        '$',
        '.',
        'a/b',
        ' ',
        '😀',
        'é',
        'e\u0301',
        '',
      ];
      const data = new Map(keys.map((key) => [key, `of ${key}`]));
      const options = { ...writing(), ifAbsent: false };
      await world.port.put(refOf(world), { ...stateOf(), data }, options, world.signal);
      const kept = (await read(world))?.data ?? new Map();
      assert.deepEqual([...kept].sort(), [...data].sort());
    },
  },
  {
    id: 'TA-110',
    title: 'the same id in two categories is two tasks',
    async run(world) {
      await put(world, { message: 'one' }, { category: 'validation' });
      const { created } = await put(world, { message: 'two' }, { category: 'schemas' });
      assert.equal(created, true);
      assert.equal((await read(world, 't1', 'validation'))?.message, 'one');
      assert.equal((await read(world, 't1', 'schemas'))?.message, 'two');
    },
  },
  {
    id: 'TA-111',
    title: 'the same identity in two namespaces is two tasks',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await put(world, { message: 'one' });
      assert.equal((await put(other, { message: 'two' })).created, true);
      assert.equal((await read(world))?.message, 'one');
      assert.equal((await read(other))?.message, 'two');
    },
  },
  {
    id: 'TA-112',
    title: 'the import name comes from the data, or is default',
    async run(world) {
      const { task: named } = await put(world, { data: { import_name: 'people' } });
      const { task: unnamed } = await put(world, { data: { a: '1' } }, { id: 't2' });
      assert.deepEqual([named.importName, unnamed.importName], ['people', 'default']);
      assert.equal((await read(world))?.importName, 'people');
    },
  },
  {
    id: 'TA-113',
    title: 'a task of 1 MiB with 1 000 data keys is kept whole',
    async run(world) {
      const entries = Array.from({ length: 1_000 }, (_, index) => [`k${index}`, 'v'.repeat(500)]);
      const state = {
        message: 'm'.repeat(500_000),
        data: Object.fromEntries(entries) as Record<string, string>,
      };
      await put(world, state);
      assert.deepEqual(shown(await read(world)), stateOf(state));
    },
  },
];
