/** Registering, finding and deleting schemas of the wire contract over the socket. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Properties as Property, PropertyType } from '@connections/proto-utils/wire/utils';
import { startWireDatabase } from './wire-database.ts';
import { insert, schemaOf } from './wire-schema.ts';

const { STRING: text, INTEGER: integer, NUMBER: number, BOOLEAN: boolean } = PropertyType;

describe('MongoInsertOneSchema', () => {
  it('of a new name is inserted, without releases, those of the request ignored', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const reply = await client.mongoInsertOneSchema({
      importName: 'people',
      createdAt: 'day 1',
      activeSchema: schemaOf('a'),
      schemasReleases: [schemaOf('b'), schemaOf('c')],
    });
    assert.equal(reply.status, 'inserted');
    assert.deepEqual([...reply.result.keys()], ['acknowledged', 'inserted_id']);
    assert.equal(reply.result.get('acknowledged'), 'true');
    const raw = await client.mongoGetRawSchemas({ importName: 'people' });
    assert.equal(raw.id, reply.result.get('inserted_id'));
    assert.deepEqual(raw.activeSchema, schemaOf('a'));
    assert.deepEqual(raw.schemasReleases, []);
  });

  it('of the same content is no_change, whatever the order of keys', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const one = (...extra: [string, string][]) => ({ type: text, extra: new Map(extra) });
    const other = { type: integer, extra: new Map([['minimum', '0']]) };
    const schema = schemaOf('a');
    const shortest: [string, string] = ['minLength', '1'];
    const longest: [string, string] = ['maxLength', '9'];
    const order = new Map<string, Property>([
      ['one', one(shortest, longest)],
      ['other', other],
    ]);
    await insert(client, 'people', { ...schema, properties: order });
    const turned = new Map<string, Property>([
      ['other', other],
      ['one', one(longest, shortest)],
    ]);
    const reply = await insert(client, 'people', { ...schema, properties: turned });
    assert.equal(reply.status, 'no_change');
    assert.deepEqual([...reply.result.keys()], ['message']);
  });

  it('of other content is updated, and the schema before becomes the newest release', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    await insert(client, 'people', schemaOf('a'), 'day 1');
    await insert(client, 'people', schemaOf('b'), 'day 2');
    const reply = await insert(client, 'people', schemaOf('c'), 'day 3');
    assert.equal(reply.status, 'updated');
    assert.deepEqual([...reply.result.keys()].toSorted(), ['matched_count', 'message', 'modified_count']);
    assert.deepEqual([reply.result.get('matched_count'), reply.result.get('modified_count')], ['1', '1']);
    const raw = await client.mongoGetRawSchemas({ importName: 'people' });
    assert.deepEqual([raw.createdAt, raw.activeSchema], ['day 3', schemaOf('c')]);
    assert.deepEqual(raw.schemasReleases, [
      { createdAt: 'day 1', schema: schemaOf('a') },
      { createdAt: 'day 2', schema: schemaOf('b') },
    ]);
  });

  it('of an earlier content again is updated', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const name of ['a', 'b', 'a']) await insert(client, 'people', schemaOf(name));
    const raw = await client.mongoGetRawSchemas({ importName: 'people' });
    assert.deepEqual(raw.activeSchema, schemaOf('a'));
    assert.deepEqual(
      raw.schemasReleases.map(({ schema }) => schema),
      [schemaOf('a'), schemaOf('b')],
    );
  });

  it('without a name or a schema, or with an unknown type, is error and stores nothing', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const request of [
      { importName: 'people' },
      { importName: '', activeSchema: schemaOf('a') },
      { importName: 'n'.repeat(513), activeSchema: schemaOf('a') },
      { importName: 'people', activeSchema: schemaOf('a', {}, 7 as never) },
    ]) {
      const reply = await client.mongoInsertOneSchema(request);
      assert.equal(reply.status, 'error');
      assert.deepEqual([...reply.result.keys()], ['message']);
      assert.notEqual(reply.result.get('message'), '');
    }
    assert.deepEqual(await client.mongoCountAllDocuments({}), { amount: 0 });
  });

  it('of 24 schemas at once loses no release', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const names = Array.from({ length: 24 }, (_, index) => `n${index}`);
    const replies = await Promise.all(names.map((name) => insert(client, 'people', schemaOf(name))));
    assert.equal(replies.filter(({ status }) => status === 'inserted').length, 1);
    assert.equal(replies.filter(({ status }) => status === 'updated').length, 23);
    const raw = await client.mongoGetRawSchemas({ importName: 'people' });
    const stored = [raw.activeSchema, ...raw.schemasReleases.map(({ schema }) => schema)];
    assert.deepEqual(stored.flatMap((schema) => schema?.required).toSorted(), names.toSorted());
  });
});

describe('what MongoFindJsonSchema gives back', () => {
  it('is what was inserted, every type and typed extra', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const names = ['__proto__', 'a.b', '$x', 'plain'];
    const extra = {
      minimum: '-1.0',
      maximum: '9007199254740993',
      minLength: '3',
      unique: 'true',
      title: '2024',
      __proto: 'x',
      'a.b': '1e3',
      $x: '',
    };
    const types = [text, integer, number, boolean];
    const properties = new Map(
      names.map((name, index) => [
        name,
        { type: types[index] ?? text, extra: new Map(Object.entries(extra)) },
      ]),
    );
    const schema = { ...schemaOf('a'), required: ['$x', '__proto__', 'a.b'], properties };
    await insert(client, '__proto__', schema);
    assert.deepEqual(await client.mongoFindJsonSchema({ importName: '__proto__' }), {
      status: 'found',
      extra: new Map(),
      schema,
    });
  });

  it('is not_found without a schema for an unknown name', async () => {
    await using database = await startWireDatabase();
    const reply = await database.client.mongoFindJsonSchema({ importName: 'nobody' });
    assert.deepEqual([reply.status, reply.schema], ['not_found', undefined]);
  });

  it('shows of a v1 schema what it can', async () => {
    await using database = await startWireDatabase();
    const { client, services, signal } = database;
    const register = (name: string, document: unknown) => {
      const submission = { document: JSON.stringify(document), author: 'a', note: '' };
      return services.schemas.register({ namespace: 'default', name }, submission, undefined, signal);
    };
    const tags = { type: 'array', items: { type: 'string' } };
    await register('v1', { type: 'object', properties: { tags, name: { type: 'string', minLength: 2 } } });
    await register('yes', true);
    const { schema } = await client.mongoFindJsonSchema({ importName: 'v1' });
    assert.deepEqual(
      schema?.properties,
      new Map([
        ['tags', { type: text, extra: new Map([['json_schema', JSON.stringify(tags)]]) }],
        ['name', { type: text, extra: new Map([['minLength', '2']]) }],
      ]),
    );
    assert.equal((await client.mongoFindJsonSchema({ importName: 'yes' })).status, 'found');
  });

  it('is a usable JSON Schema through v1', async () => {
    await using database = await startWireDatabase();
    const { client, services, signal } = database;
    await insert(client, 'people', schemaOf('age', { minimum: '18' }, integer));
    const record = await services.schemas.find({ namespace: 'default', name: 'people' }, signal);
    assert.deepEqual(JSON.parse(record?.active.document ?? ''), {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['age'],
      properties: { age: { type: 'integer', minimum: 18 } },
    });
  });
});

describe('MongoUpdateOneJsonSchema', () => {
  it('is updated, no_change, and error for an unknown name', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    await insert(client, 'people', schemaOf('a'), 'day 1');
    const update = (importName: string, schema?: ReturnType<typeof schemaOf>) =>
      client.mongoUpdateOneJsonSchema({ importName, schema, createdAt: 'day 2' });
    const updated = await update('people', schemaOf('b'));
    assert.equal(updated.status, 'updated');
    assert.deepEqual([...updated.result.keys()].toSorted(), ['matched_count', 'message', 'modified_count']);
    const same = await update('people', schemaOf('b'));
    assert.deepEqual([same.status, [...same.result.keys()]], ['no_change', ['message']]);
    for (const reply of [await update('nobody', schemaOf('a')), await update('people')]) {
      assert.deepEqual([reply.status, [...reply.result.keys()]], ['error', ['message']]);
    }
    assert.deepEqual(await client.mongoCountAllDocuments({}), { amount: 1 });
    const raw = await client.mongoGetRawSchemas({ importName: 'people' });
    assert.deepEqual([raw.createdAt, raw.schemasReleases[0]?.createdAt], ['day 2', 'day 1']);
  });
});

describe('MongoDeleteOneJsonSchema and MongoDeleteImportName', () => {
  it('DeleteOne goes back release by release, then removes the name', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const name of ['a', 'b', 'c']) await insert(client, 'people', schemaOf(name), `day of ${name}`);
    const remove = async () => {
      const { success, status, message, extra } = await client.mongoDeleteOneJsonSchema({
        importName: 'people',
      });
      assert.notEqual(message, '');
      assert.equal(extra.size, 0);
      return [success, status];
    };
    assert.deepEqual(await remove(), [true, 'reverted']);
    const raw = await client.mongoGetRawSchemas({ importName: 'people' });
    assert.deepEqual([raw.createdAt, raw.activeSchema], ['day of b', schemaOf('b')]);
    assert.deepEqual(raw.schemasReleases, [{ createdAt: 'day of a', schema: schemaOf('a') }]);
    assert.deepEqual(await remove(), [true, 'reverted']);
    assert.deepEqual(await remove(), [true, 'deleted']);
    assert.deepEqual(await remove(), [false, 'error']);
    assert.equal((await client.mongoFindJsonSchema({ importName: 'people' })).status, 'not_found');
  });

  it('DeleteImportName removes the name with its releases', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const name of ['a', 'b']) await insert(client, 'people', schemaOf(name));
    const first = await client.mongoDeleteImportName({ importName: 'people' });
    assert.deepEqual([first.success, first.status], [true, 'deleted']);
    const second = await client.mongoDeleteImportName({ importName: 'people' });
    assert.deepEqual([second.success, second.status], [false, 'error']);
    assert.deepEqual(await client.mongoCountAllDocuments({}), { amount: 0 });
  });
});
