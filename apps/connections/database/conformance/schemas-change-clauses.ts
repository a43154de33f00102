/** SC-3xx: going back to earlier versions and removing. */
import assert from 'node:assert/strict';
import { rejectsWith } from './rejections.ts';
import {
  activeOf,
  foundNumber,
  history,
  namesOf,
  register,
  registerAll,
  remove,
  revert,
  type SchemasClause,
  sized,
  versionsOf,
} from './schemas-acts.ts';

export const schemasChangeClauses: readonly SchemasClause[] = [
  {
    id: 'SC-301',
    title: 'a revert makes the content of an earlier version a new version',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      const record = await revert(world, 1);
      assert.deepEqual([record.active.version, record.active.document], [3, sized(1)]);
      assert.deepEqual(await history(world), [
        [1, sized(1)],
        [2, sized(2)],
        [3, sized(1)],
      ]);
      assert.equal((await activeOf(world))?.version, 3);
    },
  },
  {
    id: 'SC-302',
    title: 'the version that a revert makes has the author and note of the revert',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await revert(world, 1);
      const authors = (await versionsOf(world))?.map(({ author, note }) => `${author} ${note}`);
      assert.deepEqual(authors, ['ann ', 'ann ', 'rita back']);
    },
  },
  {
    id: 'SC-303',
    title: 'a revert to the content of the active version changes nothing',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(1));
      assert.equal((await revert(world, 3)).active.version, 3);
      assert.equal((await revert(world, 1)).active.version, 3);
      assert.equal((await versionsOf(world))?.length, 3);
    },
  },
  {
    id: 'SC-304',
    title: 'a revert of an unknown name or to an unknown version is NOT_FOUND and changes nothing',
    async run(world) {
      await rejectsWith('NOT_FOUND', revert(world, 1));
      assert.deepEqual(await namesOf(world), []);
      await register(world, sized(1));
      await rejectsWith('NOT_FOUND', revert(world, 2));
      assert.deepEqual(await history(world), [[1, sized(1)]]);
    },
  },
  {
    id: 'SC-305',
    title: 'removing the active version makes the one before it active',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(3));
      const removal = await remove(world, 'active');
      assert.ok(removal?.outcome === 'reverted', `the outcome is ${removal?.outcome}`);
      assert.deepEqual([removal.record.active.version, removal.record.active.document], [2, sized(2)]);
      assert.deepEqual(await history(world), [
        [1, sized(1)],
        [2, sized(2)],
      ]);
      assert.equal((await activeOf(world))?.version, 2);
    },
  },
  {
    id: 'SC-306',
    title: 'removing the only version removes the name',
    async run(world) {
      await register(world, sized(1));
      assert.deepEqual(await remove(world, 'active'), { outcome: 'deleted' });
      assert.equal(await activeOf(world), undefined);
      assert.deepEqual(await namesOf(world), []);
    },
  },
  {
    id: 'SC-307',
    title: 'the number of a removed version is not used again',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await remove(world, 'active');
      const { outcome, record } = await register(world, sized(3));
      assert.deepEqual([outcome, record.active.version], ['updated', 3]);
      assert.equal(await foundNumber(world, { by: 'version', version: 2 }), undefined);
      assert.deepEqual(await history(world), [
        [1, sized(1)],
        [3, sized(3)],
      ]);
    },
  },
  {
    id: 'SC-308',
    title: 'after a removal the content of the version that is active now changes nothing',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await remove(world, 'active');
      assert.equal((await register(world, sized(1))).outcome, 'unchanged');
      assert.equal((await register(world, sized(2))).outcome, 'updated');
    },
  },
  {
    id: 'SC-309',
    title: 'removing all removes the name with every version',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(3));
      await register(world, sized(1), { name: 'other' });
      assert.deepEqual(await remove(world, 'all'), { outcome: 'deleted' });
      assert.equal(await versionsOf(world), undefined);
      assert.equal(await foundNumber(world, { by: 'version', version: 1 }), undefined);
      assert.deepEqual(await namesOf(world), ['other']);
    },
  },
  {
    id: 'SC-310',
    title: 'removing an unknown name tells that there is none',
    async run(world) {
      await register(world, sized(1), { name: 'other' });
      assert.equal(await remove(world, 'active'), undefined);
      assert.equal(await remove(world, 'all'), undefined);
      assert.deepEqual(await namesOf(world), ['other']);
    },
  },
  {
    id: 'SC-311',
    title: 'a name that is registered again after its removal begins anew',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await remove(world, 'all');
      const { outcome, record } = await register(world, sized(2));
      assert.deepEqual([outcome, record.active.version], ['created', 1]);
      assert.deepEqual(await history(world), [[1, sized(2)]]);
    },
  },
];
