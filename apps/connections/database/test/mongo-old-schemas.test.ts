/** Schemas that the first implementation wrote are read and carried on, and it can go on with what we wrote. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mongoMissing } from '@connections/testing';
import { type Document, Double, Long } from 'mongodb';
import type { Schemas } from '../src/port/schemas.ts';
import { nestedSchema, onTheWire, people, typedSchema } from './first-schemas.ts';
import { mongoServer } from './mongo-ports.ts';
import { openOldSchemas } from './old-schema-world.ts';
import { startWireDatabase } from './wire-database.ts';

const { signal } = new AbortController();
const ref = (name: string) => ({ namespace: 'default', name });
const stamp = { author: 'rita', note: 'back', createdAt: 1_700_000_000_000 };

/** The members of the port as own ones, so that they can take the place of another's. */
function membersOf(schemas: Schemas): Partial<Schemas> {
  return {
    register: (...call) => schemas.register(...call),
    find: (...call) => schemas.find(...call),
    versions: (...call) => schemas.versions(...call),
    list: (...call) => schemas.list(...call),
    count: (...call) => schemas.count(...call),
    revert: (...call) => schemas.revert(...call),
    remove: (...call) => schemas.remove(...call),
    ping: (...call) => schemas.ping(...call),
  };
}

describe('schemas of the first implementation', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  const open = (context: TestContext, documents: readonly Document[] = []) =>
    openOldSchemas(context, server, documents);

  it('are versions, the releases first, each with its stated time', async (context) => {
    const { times, contents, schemas } = await open(context, [people]);
    assert.deepEqual(await times('people'), [
      [1, 'day 1'],
      [2, 'day 2'],
      [3, 'day 3'],
    ]);
    assert.deepEqual(await contents('people'), [1, 2, 3]);
    const found = await schemas.find(ref('people'), { by: 'active' }, signal);
    assert.deepEqual([found?.version.version, found?.version.statedAt], [3, 'day 3']);
    const page = { prefix: '', after: undefined, limit: 10 };
    const { records } = await schemas.list('default', page, signal);
    assert.deepEqual(
      records.map(({ name, active }) => [name, active]),
      [['people', found?.version]],
    );
    assert.equal(await schemas.count('default', signal), 1);
  });

  it('are found by number and by content before anything of ours is written', async (context) => {
    const { schemas, versionsOf, collection } = await open(context, [people]);
    const before = await collection.findOne({ import_name: 'people' });
    const [, second] = await versionsOf('people');
    assert.ok(second);
    for (const selector of [
      { by: 'version', version: 2 },
      { by: 'fingerprint', fingerprint: second.fingerprint },
    ] as const) {
      assert.deepEqual((await schemas.find(ref('people'), selector, signal))?.version, second);
    }
    assert.deepEqual(await collection.findOne({ import_name: 'people' }), before);
  });

  it('may have bare releases, nested extras and members that are missing', async (context) => {
    const { versionsOf, schemas } = await open(context, [
      {
        import_name: 'mixed',
        created_at: 'day 4',
        active_schema: nestedSchema(4),
        schemas_releases: [typedSchema(1), { schema: nestedSchema(2), created_at: 'day 2' }, nestedSchema(3)],
      },
      { import_name: 'bare', active_schema: { properties: { id: { type: 'integer', minimum: 1 } } } },
      { import_name: 'empty' },
    ]);
    const mixed = await versionsOf('mixed');
    assert.deepEqual(
      mixed.map(({ statedAt }) => statedAt),
      [undefined, 'day 2', undefined, 'day 4'],
    );
    const [typed, nested] = mixed;
    assert.equal(nested?.document, typed?.document.replace('"minimum":1', '"minimum":2'));
    const [bare] = await versionsOf('bare');
    assert.equal(bare?.document, '{"required":[],"properties":{"id":{"type":"integer","minimum":1}}}');
    assert.ok(Math.abs((bare?.createdAt ?? 0) - Date.now()) < 60_000, 'its time is not that of its id');
    assert.equal((await versionsOf('empty'))[0]?.document, '{"required":[],"properties":{}}');
    assert.equal((await schemas.find(ref('empty'), { by: 'active' }, signal))?.version.version, 1);
  });

  it('keep their numbers as they were stored, and what no wire type expresses', async (context) => {
    const properties = {
      whole: { type: 'number', minimum: new Double(1), maximum: 2 ** 40, step: new Double(0.5) },
      long: { type: 'integer', maximum: Long.fromString('9007199254740993') },
      list: { type: 'string', enum: ['a', 'b'], note: null },
      nested: { type: 'object', properties: { a: { type: 'string' } } },
      odd: 5,
    };
    const { versionsOf } = await open(context, [
      {
        import_name: 'exact',
        created_at: new Date(86_400_000),
        active_schema: { ...typedSchema(1), properties },
      },
    ]);
    const [version] = await versionsOf('exact');
    assert.ok(version);
    assert.ok(
      version.document.includes('"minimum":1.0,"maximum":1099511627776.0,"step":0.5'),
      version?.document,
    );
    assert.ok(version.document.includes('"maximum":9007199254740993'), version.document);
    assert.ok(version.document.includes('"enum":["a","b"]'), version.document);
    assert.ok(version.document.includes('"nested":{"type":"object","properties":{"a":{"type":"string"}}}'));
    assert.deepEqual([version.createdAt, version.statedAt], [86_400_000, undefined]);
  });

  it('are carried on by the wire contract, and read by its own queries all the way', async (context) => {
    const nested = { ...people, import_name: 'nested', active_schema: nestedSchema(3) };
    const { schemas, first } = await open(context, [people, nested]);
    await using wire = await startWireDatabase({ broken: { schemas: membersOf(schemas) } });
    const { client } = wire;
    for (const importName of ['people', 'nested']) {
      const id = String((await first.find(importName))?._id);
      const found = await client.mongoFindJsonSchema({ importName });
      assert.deepEqual([found.status, found.schema], ['found', onTheWire(3)]);
      const raw = await client.mongoGetRawSchemas({ importName });
      assert.deepEqual([raw.id, raw.createdAt], [id, 'day 3']);
      assert.deepEqual(
        raw.schemasReleases.map(({ createdAt, schema }) => [createdAt, schema]),
        [
          ['day 1', onTheWire(1)],
          ['day 2', onTheWire(2)],
        ],
      );
      const insert = (minimum: number, createdAt: string) =>
        client.mongoInsertOneSchema({ importName, createdAt, activeSchema: onTheWire(minimum) });
      assert.equal((await insert(3, 'day 4')).status, 'no_change');
      assert.equal((await insert(5, 'day 5')).status, 'updated');
      const document = await first.find(importName);
      assert.deepEqual([document?.created_at, document?.active_schema], ['day 5', typedSchema(5)]);
      assert.deepEqual(
        document?.schemas_releases.map(({ created_at }: Document) => created_at),
        ['day 1', 'day 2', 'day 3'],
      );
      assert.deepEqual(document?.schemas_releases.at(-1).schema, typedSchema(3));
      assert.equal(String(document?._id), id);

      assert.equal((await client.mongoDeleteOneJsonSchema({ importName })).status, 'reverted');
      const back = await first.find(importName);
      assert.deepEqual([back?.created_at, back?.active_schema], ['day 3', typedSchema(3)]);
      assert.equal(back?.schemas_releases.length, 2);
    }
    assert.equal((await client.mongoCountAllDocuments({})).amount, 2);
    assert.equal((await first.matching('^peo')).length, 1);
    for (const left of [1, 0]) {
      const importName = left === 1 ? 'people' : 'nested';
      for (const status of ['reverted', 'reverted', 'deleted', 'error']) {
        assert.equal((await client.mongoDeleteOneJsonSchema({ importName })).status, status);
      }
      assert.equal(await first.count(), left);
    }
    assert.deepEqual(await first.names(), []);
  });

  it('are adopted by a revert, a removal and a request that changes nothing', async (context) => {
    const names = ['reverted', 'removed', 'same'];
    const { schemas, times, first, versionsOf } = await open(
      context,
      names.map((name) => ({ ...people, import_name: name })),
    );
    const record = await schemas.revert(ref('reverted'), 1, stamp, undefined, signal);
    assert.equal(record.active.version, 4);
    assert.deepEqual(
      (await times('reverted')).map(([version]) => version),
      [1, 2, 3, 4],
    );
    assert.deepEqual((await first.find('reverted'))?.active_schema, typedSchema(1));

    await schemas.remove(ref('removed'), 'active', undefined, signal);
    assert.deepEqual(await times('removed'), [
      [1, 'day 1'],
      [2, 'day 2'],
    ]);

    const active = (await versionsOf('same')).at(-1);
    assert.ok(active);
    const registered = await schemas.register(
      ref('same'),
      active,
      { mustExist: false, requestId: 'r1' },
      signal,
    );
    assert.equal(registered.outcome, 'unchanged');
    assert.deepEqual(
      (await times('same')).map(([version]) => version),
      [1, 2, 3],
    );
    assert.equal((await first.find('same'))?.schemas_releases.length, 2);
  });
});
