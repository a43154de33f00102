/** TA-8xx: what callers of v1 cannot ask for, and the services rely on. */
import assert from 'node:assert/strict';
import { rejectsWith } from './rejections.ts';
import {
  later,
  patch,
  put,
  queryOf,
  read,
  refOf,
  remove,
  stateOf,
  type TasksClause,
  transitionsOf,
  writing,
} from './tasks-acts.ts';

export const tasksPortClauses: readonly TasksClause[] = [
  {
    id: 'TA-801',
    title: 'fields are merged by patches and dropped by a put',
    async run(world) {
      await put(world);
      const keys = ['owner', '__proto__', 'a.b', '$x'];
      await patch(world, { fields: new Map(keys.map((key) => [key, 'first'])) });
      await patch(world, { status: 'completed', fields: new Map([['owner', 'second']]) });
      const kept = [...((await read(world))?.fields ?? [])].sort();
      assert.deepEqual(kept, keys.map((key) => [key, key === 'owner' ? 'second' : 'first']).sort());
      await put(world);
      assert.equal((await read(world))?.fields.size, 0);
    },
  },
  {
    id: 'TA-802',
    title: 'a task keeps its incarnation while it stands, and another life has another',
    async run(world) {
      const { task: first } = await put(world);
      assert.equal((await patch(world, { status: 'completed' })).task.incarnation, first.incarnation);
      assert.equal((await put(world)).task.incarnation, first.incarnation);
      await remove(world);
      const { task: second } = await put(world);
      assert.notEqual(second.incarnation, first.incarnation);
      assert.notEqual(second.incarnation, '');
    },
  },
  {
    id: 'TA-803',
    title: 'a transition names the principal of its write',
    async run(world) {
      const options = { ...writing(), principal: 'ann', ifAbsent: false };
      await world.port.put(refOf(world), stateOf(), options, world.signal);
      await patch(world, { status: 'completed' });
      const principals = (await transitionsOf(world))?.map((transition) => transition.principal);
      assert.deepEqual(principals, ['ann', 'anonymous']);
    },
  },
  {
    id: 'TA-804',
    title: 'a task larger than maxBytes is a page of its own',
    async run(world) {
      for (const id of ['t1', 't2', 't3']) {
        await put(world, { message: 'm'.repeat(2_000) }, { id });
        await later(world);
      }
      const met: string[] = [];
      let after: string | undefined;
      do {
        const page = await world.port.list(
          queryOf(world),
          { after, limit: 10, maxBytes: 1_000 },
          world.signal,
        );
        assert.ok(page.tasks.length <= 1, `a page holds ${page.tasks.length} tasks`);
        met.push(...page.tasks.map((task) => task.id));
        after = page.next;
      } while (after !== undefined && met.length < 9);
      assert.deepEqual(met, ['t3', 't2', 't1']);
    },
  },
  {
    id: 'TA-805',
    title: 'every call on a closed port rejects with FAILED_PRECONDITION',
    async run(world) {
      const { port, signal } = world;
      await port[Symbol.asyncDispose]();
      const bounds = { after: undefined, limit: 10, maxBytes: 1_000 };
      const reading = { token: undefined, strong: true };
      await rejectsWith('FAILED_PRECONDITION', put(world));
      await rejectsWith('FAILED_PRECONDITION', patch(world, { status: 'completed' }));
      await rejectsWith('FAILED_PRECONDITION', remove(world));
      await rejectsWith('FAILED_PRECONDITION', port.get(refOf(world), reading, signal));
      await rejectsWith('FAILED_PRECONDITION', port.list(queryOf(world), bounds, signal));
      await rejectsWith('FAILED_PRECONDITION', port.transitions(refOf(world), signal));
      await rejectsWith('FAILED_PRECONDITION', port.ping(signal));
    },
  },
];
