/** Schemas with their releases over the socket, and what each call answers while the store is away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure } from '@connections/runtime/errors';
import { inBatches } from '@connections/testing';
import { startWireDatabase, trailersOf, withStatus } from './wire-database.ts';
import { insert, schemaOf } from './wire-schema.ts';

const unreachable = () => Promise.reject(failure('STORE_UNREACHABLE', { store: 'schema' }));

describe('MongoGetRawSchemas and MongoGetSchemasByImportRegex', () => {
  it('an unknown name is an empty message', async () => {
    await using database = await startWireDatabase();
    assert.deepEqual(await database.client.mongoGetRawSchemas({ importName: 'nobody' }), {
      id: '',
      importName: '',
      createdAt: '',
      activeSchema: undefined,
      schemasReleases: [],
    });
  });

  it('a pattern is searched anywhere in the name', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const name of ['people-eu', 'people-us', 'a.b', '$x']) await insert(client, name, schemaOf('a'));
    const names = async (importName: string) =>
      (await client.mongoGetSchemasByImportRegex({ importName })).schemas
        .map((one) => one.importName)
        .toSorted();
    assert.deepEqual(await names('eu|us'), ['people-eu', 'people-us']);
    assert.deepEqual(await names('^eu'), []);
    assert.deepEqual(await names('\\.'), ['a.b']);
    assert.deepEqual(await names(''), ['$x', 'a.b', 'people-eu', 'people-us']);
    assert.deepEqual(await names('(a+)+$'), []);
  });

  for (const pattern of ['(', '(?=a)', 'a{5000}', '\\1', 'p'.repeat(513)]) {
    it(`the pattern ${pattern.slice(0, 20)} is INVALID_ARGUMENT`, async () => {
      await using database = await startWireDatabase();
      const call = database.client.mongoGetSchemasByImportRegex({ importName: pattern });
      await assert.rejects(call, withStatus('INVALID_ARGUMENT'));
    });
  }

  it('at most 1 000 schemas are listed, and the reply says that it is cut', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    const names = Array.from({ length: 1_001 }, (_, index) => `n${String(index).padStart(4, '0')}`);
    await inBatches(names.slice(0, 1_000), (name) => insert(client, name, schemaOf('a')));
    for (const truncated of [undefined, '1']) {
      const request = { importName: '^n' };
      const { reply, trailers } = await trailersOf((options) =>
        client.mongoGetSchemasByImportRegex(request, options),
      );
      assert.equal(reply.schemas.length, 1_000);
      assert.equal(trailers.text('x-truncated'), truncated);
      await insert(client, 'n1000', schemaOf('a'));
    }
  });

  it('replies that would pass the message limit leave out the newest releases and say so', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (let index = 0; index < 20; index++) {
      await insert(
        client,
        'people',
        schemaOf('a', { note: 'x'.repeat(200_000), number: `${index}` }),
        `${index}`,
      );
    }
    const raw = await trailersOf((options) => client.mongoGetRawSchemas({ importName: 'people' }, options));
    assert.equal(raw.trailers.text('x-truncated'), '1');
    assert.equal(raw.reply.createdAt, '19');
    assert.equal(raw.reply.schemasReleases[0]?.createdAt, '0');
    assert.ok(raw.reply.schemasReleases.length >= 13);
    const search = await trailersOf((options) =>
      client.mongoGetSchemasByImportRegex({ importName: 'p' }, options),
    );
    assert.equal(search.reply.schemas.length, 1);
    assert.equal(search.trailers.text('x-truncated'), '1');
  });

  it('a search that would pass the message limit ends before the schema that does not fit', async () => {
    await using database = await startWireDatabase();
    const { client } = database;
    for (const name of ['a', 'b', 'c']) {
      for (let index = 0; index < 8; index++) {
        await insert(client, name, schemaOf('x', { note: 'x'.repeat(150_000), number: `${index}` }));
      }
    }
    const { reply, trailers } = await trailersOf((options) =>
      client.mongoGetSchemasByImportRegex({ importName: '' }, options),
    );
    assert.deepEqual(
      reply.schemas.map(({ importName, schemasReleases }) => [importName, schemasReleases.length]),
      [
        ['a', 7],
        ['b', 7],
      ],
    );
    assert.equal(trailers.text('x-truncated'), '1');
  });

  it('v1 schemas that are longer on the wire than in the store are cut by what they take on the wire', async () => {
    await using database = await startWireDatabase();
    const { client, services, signal } = database;
    const names = Array.from({ length: 15_000 }, (_, index) => `n${index}`);
    for (let index = 0; index < 12; index++) {
      const properties = Object.fromEntries([...names, `v${index}`].map((name) => [name, true]));
      const submission = { document: JSON.stringify({ properties }), author: 'a', note: '' };
      await services.schemas.registerTranslated({ namespace: '', name: 'a' }, submission, undefined, signal);
    }
    const { reply, trailers } = await trailersOf((options) =>
      client.mongoGetRawSchemas({ importName: 'a' }, options),
    );
    assert.ok(reply.schemasReleases.length > 0 && reply.schemasReleases.length < 11);
    assert.equal(trailers.text('x-truncated'), '1');
  });

  it('MongoPing answers pong', async () => {
    await using database = await startWireDatabase();
    assert.deepEqual(await database.client.mongoPing({}), { pong: true });
  });
});

describe('while the schemas cannot be reached', () => {
  const schemas = {
    register: unreachable,
    find: unreachable,
    versions: unreachable,
    list: unreachable,
    count: unreachable,
    remove: unreachable,
    ping: unreachable,
  };
  const request = { importName: 'people' };

  it('calls with a status answer error, the count -1 and the ping no pong', async () => {
    await using database = await startWireDatabase({ broken: { schemas } });
    const { client } = database;
    const inserted = await insert(client, 'people', schemaOf('a'));
    assert.deepEqual([inserted.status, [...inserted.result.keys()]], ['error', ['message']]);
    assert.match(inserted.result.get('message') ?? '', /cannot be reached/);
    assert.equal(
      (await client.mongoUpdateOneJsonSchema({ ...request, schema: schemaOf('a') })).status,
      'error',
    );
    const shown = await client.mongoFindJsonSchema(request);
    assert.deepEqual([shown.status, shown.schema], ['error', undefined]);
    for (const reply of [
      await client.mongoDeleteOneJsonSchema(request),
      await client.mongoDeleteImportName(request),
    ]) {
      assert.deepEqual([reply.success, reply.status], [false, 'error']);
      assert.match(reply.message, /cannot be reached/);
    }
    assert.deepEqual(await client.mongoCountAllDocuments({}), { amount: -1 });
    assert.deepEqual(await client.mongoPing({}), { pong: false });
  });

  it('the others are UNAVAILABLE', async () => {
    await using database = await startWireDatabase({ broken: { schemas } });
    const { client } = database;
    await assert.rejects(client.mongoGetRawSchemas(request), withStatus('UNAVAILABLE'));
    await assert.rejects(client.mongoGetSchemasByImportRegex(request), withStatus('UNAVAILABLE'));
  });
});
