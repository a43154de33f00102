/** TA-6xx and TA-7xx: repeated requests, concurrent writers, acknowledged writes, aborted calls. */
import assert from 'node:assert/strict';
import { cancelled, rejectsWith } from './rejections.ts';
import {
  data,
  ids,
  later,
  patch,
  put,
  queryOf,
  read,
  refOf,
  remove,
  stateOf,
  statuses,
  type TasksClause,
  writing,
} from './tasks-acts.ts';

const numbers = (length: number) => Array.from({ length }, (_, index) => index);

/** How many of the calls succeeded; every other must have failed with the status. */
async function succeeded(
  calls: readonly Promise<unknown>[],
  status: 'ABORTED' | 'ALREADY_EXISTS',
): Promise<number> {
  const outcomes = await Promise.allSettled(calls);
  const failed = calls.filter((_, index) => outcomes[index]?.status === 'rejected');
  for (const call of failed) await rejectsWith(status, call);
  return calls.length - failed.length;
}

export const tasksSafetyClauses: readonly TasksClause[] = [
  {
    id: 'TA-601',
    title: 'a repeated put has one effect',
    async run(world) {
      await put(world, { message: 'first' }, { requestId: 'r1' });
      await patch(world, { message: 'second' });
      const { task } = await put(world, { message: 'first' }, { requestId: 'r1' });
      assert.deepEqual([task.message, task.revision], ['second', 2]);
      assert.equal((await read(world))?.revision, 2);
    },
  },
  {
    id: 'TA-602',
    title: 'a repeated create is answered, not refused',
    async run(world) {
      await put(world, { message: 'mine' }, { ifAbsent: true, requestId: 'r1' });
      const { task } = await put(world, { message: 'mine' }, { ifAbsent: true, requestId: 'r1' });
      assert.deepEqual([task.message, task.revision], ['mine', 1]);
      await rejectsWith(
        'ALREADY_EXISTS',
        put(world, { message: 'mine' }, { ifAbsent: true, requestId: 'r2' }),
      );
    },
  },
  {
    id: 'TA-603',
    title: 'a repeated patch has one effect',
    async run(world) {
      await put(world);
      await patch(world, data({ a: '1' }), { requestId: 'r1' });
      await patch(world, data({ a: '2' }));
      const { task } = await patch(world, data({ a: '1' }), { requestId: 'r1' });
      assert.deepEqual([task.data.get('a'), task.revision], ['2', 3]);
      assert.equal((await read(world))?.data.get('a'), '2');
    },
  },
  {
    id: 'TA-604',
    title: 'a repeated patch that expects the revision before it is answered, not refused',
    async run(world) {
      await put(world);
      await patch(world, { status: 'completed' }, { expectedRevision: 1, requestId: 'r1' });
      const { task } = await patch(world, { status: 'completed' }, { expectedRevision: 1, requestId: 'r1' });
      assert.equal(task.revision, 2);
    },
  },
  {
    id: 'TA-605',
    title: 'a repeated removal leaves the task that was created since',
    async run(world) {
      await put(world);
      await remove(world, { requestId: 'r1' });
      await put(world, { message: 'new' });
      await remove(world, { requestId: 'r1' });
      assert.equal((await read(world))?.message, 'new');
    },
  },
  {
    id: 'TA-606',
    title: 'concurrent repetitions of one patch have one effect',
    async run(world) {
      await put(world);
      await Promise.all(numbers(8).map(() => patch(world, { message: 'once' }, { requestId: 'r1' })));
      assert.equal((await read(world))?.revision, 2);
    },
  },
  {
    id: 'TA-607',
    title: 'of 32 concurrent patches of one task none loses its merge',
    async run(world) {
      await put(world);
      const written = await Promise.all(
        numbers(32).map((at) => patch(world, data({ [`k${at}`]: String(at) }))),
      );
      const task = await read(world);
      assert.deepEqual(
        numbers(32).map((at) => task?.data.get(`k${at}`)),
        numbers(32).map(String),
      );
      assert.deepEqual(
        written.map((each) => each.task.revision).toSorted((a, b) => a - b),
        numbers(32).map((at) => at + 2),
      );
    },
  },
  {
    id: 'TA-608',
    title: 'of concurrent creations of one task one succeeds',
    async run(world) {
      const calls = numbers(8).map((at) => put(world, { message: String(at) }, { ifAbsent: true }));
      assert.equal(await succeeded(calls, 'ALREADY_EXISTS'), 1);
      assert.equal((await read(world))?.revision, 1);
    },
  },
  {
    id: 'TA-609',
    title: 'of concurrent patches that expect the same revision one succeeds',
    async run(world) {
      await put(world);
      const calls = numbers(8).map((at) => patch(world, { message: String(at) }, { expectedRevision: 1 }));
      assert.equal(await succeeded(calls, 'ABORTED'), 1);
      assert.equal((await read(world))?.revision, 2);
    },
  },
  {
    id: 'TA-610',
    title: 'a repeated removal is answered as the first was',
    async run(world) {
      await put(world);
      assert.equal((await remove(world, { requestId: 'r1' })).removed, true);
      assert.equal((await remove(world, { requestId: 'r1' })).removed, true);
      assert.equal((await remove(world, { requestId: 'r2' })).removed, false);
    },
  },
  {
    id: 'TA-611',
    title: 'a request id is remembered through the 15 that follow it',
    async run(world) {
      await put(world);
      for (const at of numbers(16)) await patch(world, { message: `${at}` }, { requestId: `r${at}` });
      const { task } = await patch(world, { message: '0' }, { requestId: 'r0' });
      assert.deepEqual([task.message, task.revision], ['15', 17]);
    },
  },
  {
    id: 'TA-701',
    title: 'a write that resolved DURABLE survives a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await put(world, { data: { import_name: 'people' } });
      const { durability } = await patch(world, { status: 'completed', ...data({ a: '1' }) });
      assert.equal(durability, 'DURABLE');
      const before = await read(world);
      const again = { ...world, port: await world.reopen() };
      assert.deepEqual(await read(again), before);
      assert.equal((await patch(again, { message: 'on' })).task.revision, 3);
    },
  },
  {
    id: 'TA-702',
    title: 'lists, transitions and removals survive a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      for (const id of ['t1', 't2', 't3']) {
        await put(world, { data: { import_name: 'people' } }, { id });
        await later(world);
      }
      await patch(world, { status: 'completed' });
      assert.equal((await remove(world, { id: 't2' })).durability, 'DURABLE');
      const again = { ...world, port: await world.reopen() };
      assert.deepEqual(await ids(again), ['t1', 't3']);
      assert.deepEqual(await ids(again, { importName: 'people', status: 'accepted' }), ['t3']);
      assert.deepEqual(await statuses(again), ['accepted', 'completed']);
      assert.equal(await read(again, 't2'), undefined);
    },
  },
  {
    id: 'TA-703',
    title: 'request ids are remembered over a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await put(world);
      await patch(world, { message: 'first' }, { requestId: 'r1' });
      await patch(world, { message: 'second' });
      const again = { ...world, port: await world.reopen() };
      await patch(again, { message: 'first' }, { requestId: 'r1' });
      assert.equal((await read(again))?.message, 'second');
    },
  },
  {
    id: 'TA-704',
    title: 'an aborted write changes nothing',
    async run(world) {
      const { port } = world;
      const ref = refOf(world);
      await put(world, { message: 'before' });
      const putting = { ...writing(), ifAbsent: false };
      const patching = { ...writing(), expectedRevision: undefined };
      await rejectsWith('CANCELLED', port.put(ref, stateOf(), putting, cancelled));
      await rejectsWith('CANCELLED', port.patch(ref, { message: 'after' }, patching, cancelled));
      await rejectsWith('CANCELLED', port.remove(ref, writing(), cancelled));
      const task = await read(world);
      assert.deepEqual([task?.message, task?.revision], ['before', 1]);
    },
  },
  {
    id: 'TA-705',
    title: 'an aborted read rejects',
    async run(world) {
      const { port } = world;
      await put(world);
      const bounds = { after: undefined, limit: 10, maxBytes: 1_000 };
      await rejectsWith('CANCELLED', port.get(refOf(world), { token: undefined, strong: true }, cancelled));
      await rejectsWith('CANCELLED', port.list(queryOf(world), bounds, cancelled));
      await rejectsWith('CANCELLED', port.transitions(refOf(world), cancelled));
    },
  },
  {
    id: 'TA-706',
    title: 'a ping resolves while the store answers',
    async run(world) {
      await world.port.ping(world.signal);
      await put(world);
      await world.port.ping(world.signal);
      assert.deepEqual(await ids(world), ['t1']);
    },
  },
];
