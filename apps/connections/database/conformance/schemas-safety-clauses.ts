/** SC-4xx and SC-5xx: repeated requests, concurrent writers, acknowledged writes, bounds, aborted calls. */
import assert from 'node:assert/strict';
import { limits } from '@connections/runtime';
import { inBatches } from '@connections/testing';
import { cancelled, rejectsWith } from './rejections.ts';
import {
  activeOf,
  candidate,
  history,
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

export const schemasSafetyClauses: readonly SchemasClause[] = [
  {
    id: 'SC-401',
    title: 'a repeated registration changes nothing and gets the first answer',
    async run(world) {
      await register(world, sized(1), { requestId: 'r1' });
      await register(world, sized(2), { requestId: 'r2' });
      const again = await register(world, sized(1), { requestId: 'r1' });
      assert.deepEqual([again.outcome, again.record.active.version], ['created', 1]);
      assert.equal((await activeOf(world))?.version, 2);
      assert.equal((await versionsOf(world))?.length, 2);
    },
  },
  {
    id: 'SC-402',
    title: 'a repeated revert makes one version',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await revert(world, 1, 'r1');
      await register(world, sized(3));
      await revert(world, 1, 'r1');
      assert.deepEqual(
        (await history(world)).map(([version]) => version),
        [1, 2, 3, 4],
      );
    },
  },
  {
    id: 'SC-403',
    title: 'a repeated removal of the active version removes one',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(3));
      await remove(world, 'active', 'r1');
      await remove(world, 'active', 'r1');
      assert.equal((await activeOf(world))?.version, 2);
      await remove(world, 'active', 'r2');
      assert.equal((await activeOf(world))?.version, 1);
    },
  },
  {
    id: 'SC-404',
    title: 'concurrent repetitions of one registration make one version',
    async run(world) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => register(world, sized(1), { requestId: 'r1' })),
      );
      assert.deepEqual([...new Set(answers.map(({ outcome }) => outcome))], ['created']);
      assert.equal((await versionsOf(world))?.length, 1);
    },
  },
  {
    id: 'SC-405',
    title: 'of 24 concurrent writers of one name none loses its version',
    async run(world) {
      const documents = Array.from({ length: 24 }, (_, index) => sized(index));
      const answers = await Promise.all(documents.map((document) => register(world, document)));
      const kept = await history(world);
      assert.deepEqual(
        kept.map(([version]) => version),
        documents.map((_, index) => index + 1),
      );
      assert.deepEqual(kept.map(([, document]) => document).toSorted(), documents.toSorted());
      assert.equal(answers.filter(({ outcome }) => outcome === 'created').length, 1);
    },
  },
  {
    id: 'SC-406',
    title: 'concurrent registrations of one content create it once',
    async run(world) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => register(world, sized(1))));
      const outcomes = answers.map(({ outcome }) => outcome).toSorted();
      assert.deepEqual(outcomes, ['created', ...Array<string>(7).fill('unchanged')]);
      assert.equal((await versionsOf(world))?.length, 1);
    },
  },
  {
    id: 'SC-407',
    title: 'concurrent removals of the active version remove one each',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(3), sized(4));
      const removals = await Promise.all(Array.from({ length: 3 }, () => remove(world, 'active')));
      assert.deepEqual(
        removals.map((removal) => removal?.outcome),
        ['reverted', 'reverted', 'reverted'],
      );
      assert.deepEqual(await history(world), [[1, sized(1)]]);
    },
  },
  {
    id: 'SC-408',
    title:
      'a repeated removal of a name is answered as the first was and leaves the name that was registered since',
    async run(world) {
      await register(world, sized(1));
      await remove(world, 'all', 'r1');
      assert.deepEqual(await remove(world, 'all', 'r1'), { outcome: 'deleted' });
      await register(world, sized(2));
      assert.deepEqual(await remove(world, 'all', 'r1'), { outcome: 'deleted' });
      assert.deepEqual(await history(world), [[1, sized(2)]]);
    },
  },
  {
    id: 'SC-409',
    title: 'a request id is remembered through the 15 that follow it',
    async run(world) {
      for (let at = 0; at < 16; at++) await register(world, sized(at), { requestId: `r${at}` });
      const { outcome, record } = await register(world, sized(0), { requestId: 'r0' });
      assert.deepEqual([outcome, record.active.version], ['created', 1]);
      assert.equal((await activeOf(world))?.version, 16);
    },
  },
  {
    id: 'SC-501',
    title: 'every version survives a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await register(world, sized(3), { name: 'other' });
      const before = await versionsOf(world);
      const again = { ...world, port: await world.reopen() };
      assert.deepEqual(await versionsOf(again), before);
      assert.equal((await activeOf(again))?.version, 2);
      assert.deepEqual(await namesOf(again), ['other', 'people']);
      assert.equal(await again.port.count(world.namespace, world.signal), 2);
    },
  },
  {
    id: 'SC-502',
    title: 'removals and used version numbers survive a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      await register(world, sized(1), { name: 'other' });
      await remove(world, 'active');
      await world.port.remove(refOf(world, 'other'), 'all', undefined, world.signal);
      const again = { ...world, port: await world.reopen() };
      assert.deepEqual(await namesOf(again), ['people']);
      assert.equal((await register(again, sized(3))).record.active.version, 3);
    },
  },
  {
    id: 'SC-503',
    title: 'request ids are remembered over a reopening',
    needs: (capabilities) => capabilities.durable,
    async run(world) {
      await register(world, sized(1), { requestId: 'r1' });
      await register(world, sized(2));
      const again = { ...world, port: await world.reopen() };
      await register(again, sized(1), { requestId: 'r1' });
      assert.equal((await activeOf(again))?.version, 2);
    },
  },
  {
    id: 'SC-504',
    title: 'an aborted change changes nothing',
    async run(world) {
      const { port } = world;
      const ref = refOf(world);
      const options = { mustExist: false, requestId: undefined };
      const stamp = { author: 'ann', note: '', createdAt: 1 };
      await registerAll(world, sized(1), sized(2));
      await rejectsWith('CANCELLED', port.register(ref, candidate(sized(3)), options, cancelled));
      await rejectsWith('CANCELLED', port.revert(ref, 1, stamp, undefined, cancelled));
      await rejectsWith('CANCELLED', port.remove(ref, 'active', undefined, cancelled));
      await rejectsWith('CANCELLED', port.remove(ref, 'all', undefined, cancelled));
      assert.deepEqual(await history(world), [
        [1, sized(1)],
        [2, sized(2)],
      ]);
    },
  },
  {
    id: 'SC-505',
    title: 'an aborted read rejects',
    async run(world) {
      const { port, namespace } = world;
      await register(world, sized(1));
      const page = { prefix: '', after: undefined, limit: 10 };
      await rejectsWith('CANCELLED', port.find(refOf(world), { by: 'active' }, cancelled));
      await rejectsWith('CANCELLED', port.versions(refOf(world), { after: 0, limit: 10 }, cancelled));
      await rejectsWith('CANCELLED', port.list(namespace, page, cancelled));
      await rejectsWith('CANCELLED', port.count(namespace, cancelled));
    },
  },
  {
    id: 'SC-506',
    title: 'a version beyond 1 000 is RESOURCE_EXHAUSTED and changes nothing',
    async run(world) {
      const documents = Array.from({ length: limits.schemaVersions }, (_, index) => sized(index));
      await inBatches(documents, (document) => register(world, document));
      const last = await activeOf(world);
      await rejectsWith('RESOURCE_EXHAUSTED', register(world, sized(limits.schemaVersions)));
      assert.deepEqual(await activeOf(world), last);
      assert.equal(last?.version, limits.schemaVersions);
    },
  },
  {
    id: 'SC-507',
    title: 'a ping resolves while the store answers',
    async run(world) {
      await world.port.ping(world.signal);
      await register(world, sized(1));
      await world.port.ping(world.signal);
      assert.deepEqual(await namesOf(world), ['people']);
    },
  },
];
