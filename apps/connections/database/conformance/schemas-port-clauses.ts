/** SC-8xx: what callers of v1 cannot ask for, and the services rely on. */
import assert from 'node:assert/strict';
import { rejectsWith } from './rejections.ts';
import {
  activeOf,
  candidate,
  namesOf,
  refOf,
  register,
  registerAll,
  remove,
  revert,
  type SchemasClause,
  sized,
  versionsOf,
} from './schemas-acts.ts';

export const schemasPortClauses: readonly SchemasClause[] = [
  {
    id: 'SC-801',
    title: 'with mustExist an unknown name is NOT_FOUND and not created',
    async run(world) {
      await rejectsWith('NOT_FOUND', register(world, sized(1), { mustExist: true }));
      assert.deepEqual(await namesOf(world), []);
    },
  },
  {
    id: 'SC-802',
    title: 'with mustExist a known name is updated',
    async run(world) {
      await register(world, sized(1));
      assert.equal((await register(world, sized(2), { mustExist: true })).outcome, 'updated');
      assert.equal((await activeOf(world))?.document, sized(2));
    },
  },
  {
    id: 'SC-803',
    title: 'every version keeps its time and the time that was stated for it',
    async run(world) {
      const options = { mustExist: false, requestId: undefined };
      const given = [
        { ...candidate(sized(1)), createdAt: 1_700_000_000_123, statedAt: '2023-11-14 22:13:20' },
        { ...candidate(sized(2)), createdAt: 1_700_000_000_456, statedAt: undefined },
        { ...candidate(sized(3)), createdAt: 1_700_000_000_789, statedAt: 'yesterday, about noon' },
      ];
      for (const version of given) await world.port.register(refOf(world), version, options, world.signal);
      const kept = (await versionsOf(world))?.map(({ createdAt, statedAt }) => [createdAt, statedAt]);
      assert.deepEqual(
        kept,
        given.map(({ createdAt, statedAt }) => [createdAt, statedAt]),
      );
    },
  },
  {
    id: 'SC-804',
    title: 'a name keeps its id while it stands, and another life has another',
    async run(world) {
      const first = (await register(world, sized(1))).record.id;
      await registerAll(world, sized(2), sized(3));
      assert.equal((await revert(world, 1)).id, first);
      const removal = await remove(world, 'active');
      assert.equal(removal?.outcome === 'reverted' && removal.record.id, first);
      await remove(world, 'all');
      const second = (await register(world, sized(1))).record.id;
      assert.notEqual(second, first);
      assert.notEqual(second, '');
    },
  },
  {
    id: 'SC-805',
    title: 'every call on a closed port rejects with FAILED_PRECONDITION',
    async run(world) {
      const { port, namespace, signal } = world;
      await port[Symbol.asyncDispose]();
      const page = { prefix: '', after: undefined, limit: 10 };
      await rejectsWith('FAILED_PRECONDITION', register(world, sized(1)));
      await rejectsWith('FAILED_PRECONDITION', port.find(refOf(world), { by: 'active' }, signal));
      await rejectsWith('FAILED_PRECONDITION', port.versions(refOf(world), { after: 0, limit: 1 }, signal));
      await rejectsWith('FAILED_PRECONDITION', port.list(namespace, page, signal));
      await rejectsWith('FAILED_PRECONDITION', port.count(namespace, signal));
      await rejectsWith('FAILED_PRECONDITION', revert(world, 1));
      await rejectsWith('FAILED_PRECONDITION', remove(world, 'all'));
      await rejectsWith('FAILED_PRECONDITION', port.ping(signal));
    },
  },
];
