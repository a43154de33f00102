/** SC-1xx: what registering makes, and what of it is kept. */
import assert from 'node:assert/strict';
import { limits } from '@connections/runtime';
import {
  activeOf,
  candidate,
  history,
  namesOf,
  refOf,
  register,
  registerAll,
  type SchemasClause,
  sized,
  versionsOf,
} from './schemas-acts.ts';

export const schemasRegisterClauses: readonly SchemasClause[] = [
  {
    id: 'SC-101',
    title: 'the first content of a name is created as version 1',
    async run(world) {
      const { outcome, record } = await register(world, sized(1));
      assert.equal(outcome, 'created');
      assert.deepEqual(
        [record.namespace, record.name, record.active.version, record.active.document],
        [world.namespace, 'people', 1, sized(1)],
      );
    },
  },
  {
    id: 'SC-102',
    title: 'other content updates the name and becomes the active version',
    async run(world) {
      await register(world, sized(1));
      const { outcome, record } = await register(world, sized(2));
      assert.deepEqual([outcome, record.active.version], ['updated', 2]);
      assert.equal((await activeOf(world))?.document, sized(2));
      assert.deepEqual(await history(world), [
        [1, sized(1)],
        [2, sized(2)],
      ]);
    },
  },
  {
    id: 'SC-103',
    title: 'the content of the active version changes nothing',
    async run(world) {
      const ref = refOf(world);
      const options = { mustExist: false, requestId: undefined };
      await world.port.register(ref, candidate(sized(1), 'ann', 'first'), options, world.signal);
      const again = candidate(sized(1), 'bob', 'second');
      const { outcome, record } = await world.port.register(ref, again, options, world.signal);
      assert.equal(outcome, 'unchanged');
      assert.deepEqual(
        [record.active.version, record.active.author, record.active.note],
        [1, 'ann', 'first'],
      );
      assert.equal((await versionsOf(world))?.length, 1);
    },
  },
  {
    id: 'SC-104',
    title: 'the order of keys and white space make no other content',
    async run(world) {
      const first = '{"type":"object","properties":{"a":{"type":"string"},"b":{"minLength":1}}}';
      const same = '{ "properties": {"b": {"minLength": 1}, "a": {"type": "string"}}, "type": "object" }';
      await register(world, first);
      assert.equal((await register(world, same)).outcome, 'unchanged');
      assert.deepEqual(await history(world), [[1, first]]);
    },
  },
  {
    id: 'SC-105',
    title: 'the order of a list makes other content',
    async run(world) {
      await register(world, '{"enum":["a","b"]}');
      assert.equal((await register(world, '{"enum":["b","a"]}')).outcome, 'updated');
    },
  },
  {
    id: 'SC-106',
    title: 'the content of an earlier version is registered as a new version',
    async run(world) {
      await registerAll(world, sized(1), sized(2));
      const { outcome, record } = await register(world, sized(1));
      assert.deepEqual([outcome, record.active.version], ['updated', 3]);
      assert.deepEqual(await history(world), [
        [1, sized(1)],
        [2, sized(2)],
        [3, sized(1)],
      ]);
    },
  },
  {
    id: 'SC-107',
    title: 'a document is kept character for character',
    async run(world) {
      const document = '{\n\t"title" : "\\u00e9 é 😀 __proto__",\r\n "minimum":1,\n  "type":"integer"}\n';
      await register(world, document);
      assert.equal((await activeOf(world))?.document, document);
      assert.deepEqual(await history(world), [[1, document]]);
    },
  },
  {
    id: 'SC-108',
    title: 'a document of 256 KiB is kept whole',
    async run(world) {
      const frame = JSON.stringify({ description: '' }).length;
      const document = JSON.stringify({ description: 'd'.repeat(limits.schemaBytes - frame) });
      await register(world, document);
      const active = await activeOf(world);
      assert.ok(active?.document === document, `${active?.document.length} characters came back`);
    },
  },
  {
    id: 'SC-109',
    title: 'every version keeps its author, note and time',
    async run(world) {
      const options = { mustExist: false, requestId: undefined };
      const made = [];
      for (const [index, author] of ['ann', 'bob', 'çem'].entries()) {
        const given = candidate(sized(index), author, `note of ${author}`);
        const { record } = await world.port.register(refOf(world), given, options, world.signal);
        await world.passTime(10);
        made.push([author, `note of ${author}`, record.active.createdAt]);
      }
      const kept = (await versionsOf(world))?.map(({ author, note, createdAt }) => [author, note, createdAt]);
      assert.deepEqual(kept, made);
    },
  },
  {
    id: 'SC-110',
    title: 'names that differ only in case or in composition are different names',
    async run(world) {
      const names = ['people', 'People', '\u00e9', 'e\u0301'];
      for (const [index, name] of names.entries()) {
        assert.equal((await register(world, sized(index), { name })).outcome, 'created');
      }
      for (const [index, name] of names.entries()) {
        assert.equal((await activeOf(world, name))?.document, sized(index));
      }
    },
  },
  {
    id: 'SC-111',
    title: 'a name of any characters is a name like any other',
    async run(world) {
      const names = ['__proto__', 'constructor', 'a.b', '$x', 'a/b', 'a:b', '*', ' ', '😀', 'n'.repeat(512)];
      for (const name of names) await register(world, JSON.stringify({ title: name }), { name });
      for (const name of names) {
        assert.deepEqual(await history(world, name), [[1, JSON.stringify({ title: name })]]);
      }
      assert.deepEqual((await namesOf(world)).toSorted(), names.toSorted());
    },
  },
  {
    id: 'SC-112',
    title: 'the same name in two namespaces is two schemas',
    async run(world) {
      const other = { ...world, namespace: `${world.namespace}-b` };
      await register(world, sized(1));
      assert.equal((await register(other, sized(2))).outcome, 'created');
      assert.deepEqual(await history(world), [[1, sized(1)]]);
      assert.deepEqual(await history(other), [[1, sized(2)]]);
    },
  },
];
