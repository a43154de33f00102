/** SC-2xx: finding versions, listing and counting names. */
import assert from 'node:assert/strict';
import {
  fingerprintOf,
  foundNumber,
  history,
  namesOf,
  refOf,
  register,
  registerAll,
  remove,
  type SchemasClause,
  sized,
  versionsOf,
} from './schemas-acts.ts';

export const schemasFindClauses: readonly SchemasClause[] = [
  {
    id: 'SC-201',
    title: 'an unknown name is found by no selector',
    async run(world) {
      await register(world, sized(1), { name: 'other' });
      const fingerprint = fingerprintOf(sized(1));
      assert.equal(await foundNumber(world, { by: 'active' }), undefined);
      assert.equal(await foundNumber(world, { by: 'version', version: 1 }), undefined);
      assert.equal(await foundNumber(world, { by: 'fingerprint', fingerprint }), undefined);
      assert.equal(await versionsOf(world), undefined);
    },
  },
  {
    id: 'SC-202',
    title: 'a version is found by its number, beside the active one',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(3));
      const found = await world.port.find(refOf(world), { by: 'version', version: 2 }, world.signal);
      assert.deepEqual([found?.version.version, found?.version.document], [2, sized(2)]);
      assert.equal(found?.record.active.version, 3);
    },
  },
  {
    id: 'SC-203',
    title: 'the newest version with a content is found by its fingerprint',
    async run(world) {
      await registerAll(world, sized(1), sized(2), sized(1), sized(3));
      const fingerprint = fingerprintOf(sized(1));
      assert.equal(await foundNumber(world, { by: 'fingerprint', fingerprint }), 3);
    },
  },
  {
    id: 'SC-204',
    title: 'an unknown version or fingerprint of a known name is not found',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      assert.equal(await foundNumber(world, { by: 'version', version: 3 }), undefined);
      const fingerprint = fingerprintOf(sized(3));
      assert.equal(await foundNumber(world, { by: 'fingerprint', fingerprint }), undefined);
    },
  },
  {
    id: 'SC-205',
    title: 'versions are listed oldest first, the active one last',
    async run(world) {
      const documents = Array.from({ length: 12 }, (_, index) => sized(index));
      await registerAll(world, ...documents);
      assert.deepEqual(
        await history(world),
        documents.map((document, index) => [index + 1, document]),
      );
    },
  },
  {
    id: 'SC-206',
    title: 'the pages of the versions hold each of them once',
    async run(world) {
      await registerAll(world, ...Array.from({ length: 5 }, (_, index) => sized(index)));
      const met: [number[], boolean][] = [];
      let after = 0;
      do {
        const page = await world.port.versions(refOf(world), { after, limit: 2 }, world.signal);
        assert.ok(page && page.versions.length > 0, 'a page is missing or empty');
        const numbers = page.versions.map(({ version }) => version);
        met.push([numbers, page.hasMore]);
        after = numbers.at(-1) ?? 0;
      } while (met.at(-1)?.[1] && met.length < 9);
      assert.deepEqual(met, [
        [[1, 2], true],
        [[3, 4], true],
        [[5], false],
      ]);
    },
  },
  {
    id: 'SC-207',
    title: 'names are listed in the order of their UTF-8 bytes, with their active versions',
    async run(world) {
      const ordered = ['A', 'Z', 'a', 'a.', 'aa', 'é', 'ａ', '😀'];
      for (const name of ordered.toReversed()) {
        await register(world, sized(1), { name });
        await register(world, sized(ordered.indexOf(name) + 2), { name });
      }
      const page = { prefix: '', after: undefined, limit: 100 };
      const { records } = await world.port.list(world.namespace, page, world.signal);
      assert.deepEqual(
        records.map(({ name, active }) => [name, active.version, active.document]),
        ordered.map((name, index) => [name, 2, sized(index + 2)]),
      );
    },
  },
  {
    id: 'SC-208',
    title: 'a list holds the names that start with the prefix, whatever its characters',
    async run(world) {
      for (const name of ['a', 'a.', 'a.b', 'a*c', 'ab', 'b', 'x.a.b'])
        await register(world, sized(1), { name });
      assert.deepEqual(await namesOf(world, 'a.'), ['a.', 'a.b']);
      assert.deepEqual(await namesOf(world, 'a*'), ['a*c']);
      assert.deepEqual(await namesOf(world, '^'), []);
    },
  },
  {
    id: 'SC-209',
    title: 'the pages of a list hold each name once',
    async run(world) {
      const names = ['a1', 'a2', 'a3', 'a4', 'a5'];
      for (const name of [...names, 'b']) await register(world, sized(1), { name });
      const met: [string[], boolean][] = [];
      let after: string | undefined;
      do {
        const page = { prefix: 'a', after, limit: 2 };
        const { records, hasMore } = await world.port.list(world.namespace, page, world.signal);
        met.push([records.map((record) => record.name), hasMore]);
        after = records.at(-1)?.name;
      } while (met.at(-1)?.[1] && met.length < 9);
      assert.deepEqual(met, [
        [['a1', 'a2'], true],
        [['a3', 'a4'], true],
        [['a5'], false],
      ]);
    },
  },
  {
    id: 'SC-210',
    title: 'a namespace lists and counts its own names only',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await register(world, sized(1), { name: 'mine' });
      for (const name of ['theirs', 'too']) await register(other, sized(1), { name });
      assert.deepEqual(await namesOf(world), ['mine']);
      assert.equal(await world.port.count(world.namespace, world.signal), 1);
      assert.equal(await world.port.count(other.namespace, world.signal), 2);
    },
  },
  {
    id: 'SC-211',
    title: 'the count is of names, not of versions, and follows what goes',
    async run(world) {
      const count = () => world.port.count(world.namespace, world.signal);
      const counts = [await count()];
      await registerAll(world, sized(1), sized(2), sized(3));
      await register(world, sized(1), { name: 'other' });
      counts.push(await count());
      await remove(world, 'active');
      counts.push(await count());
      await remove(world, 'all');
      counts.push(await count());
      assert.deepEqual(counts, [0, 2, 2, 1]);
    },
  },
];
