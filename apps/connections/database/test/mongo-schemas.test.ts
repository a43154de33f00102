/** What the schema port on MongoDB promises beyond the contract. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mongoMissing } from '@connections/testing';
import { BSON, type Document } from 'mongodb';
import { candidate, sized } from '../conformance/schemas-acts.ts';
import { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { MongoSchemas } from '../src/driver/mongo/mongo-schemas.ts';
import { SchemaHeads } from '../src/driver/mongo/schema-heads.ts';
import { SchemaSweeper } from '../src/driver/mongo/schema-sweeper.ts';
import type { Schemas } from '../src/port/schemas.ts';
import { mongoServer, openDatabase } from './mongo-ports.ts';
import { openSchemas } from './mongo-schema-ports.ts';

const { signal } = new AbortController();
const ref = { namespace: 'default', name: 'people' };
const options = (requestId?: string) => ({ mustExist: false, requestId });
const stamp = { author: 'rita', note: '', createdAt: 2 };

describe('the schema registry on MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  /** As many processes have it, each with a link of its own. */
  async function open(context: TestContext, processes = 1) {
    const database = await openDatabase(await server());
    context.after(() => database[Symbol.asyncDispose]());
    const opened = await Promise.all(Array.from({ length: processes }, () => openSchemas(database.url)));
    context.after(() => Promise.all(opened.map(({ link }) => link[Symbol.asyncDispose]())));
    const [first] = opened;
    assert.ok(first);
    return { ...first, all: opened.map(({ schemas }) => schemas), db: database.db };
  }

  const register = (schemas: Schemas, content: number, requestId?: string) =>
    schemas.register(ref, candidate(sized(content)), options(requestId), signal);
  const history = async (schemas: Schemas) => {
    const page = await schemas.versions(ref, { after: 0, limit: 1_000 }, signal);
    return (page?.versions ?? []).map(({ version, document }) => [version, document] as const);
  };

  it('loses nothing of 24 writers in two processes and a revert among them', async (context) => {
    const { all, schemas, db } = await open(context, 2);
    await register(schemas, 0);
    const answers = await Promise.all([
      ...Array.from({ length: 24 }, (_, at) => register(all[at % 2] ?? schemas, at + 1)),
      schemas.revert(ref, 1, stamp, undefined, signal).then((record) => ({ outcome: 'reverted', record })),
    ]);
    const kept = await history(schemas);
    // A revert that comes first changes nothing.
    const made = kept.filter(([, document]) => document === sized(0)).length;
    assert.deepEqual(
      kept.map(([version]) => version),
      Array.from({ length: 24 + made }, (_, at) => at + 1),
    );
    assert.equal(new Set(kept.map(([, document]) => document)).size, 25);
    for (const { record } of answers) {
      assert.equal(kept[record.active.version - 1]?.[1], record.active.document);
    }
    const archived = await db.collection('schemas_versions').countDocuments();
    assert.ok(archived < kept.length, 'an active version is in the archive');
  });

  it('answers every change of a race in the order in which they took place', async (context) => {
    const { all, schemas } = await open(context, 3);
    await register(schemas, 0);
    const calls = Array.from({ length: 60 }, (_, at) => {
      const port = all[at % 3] ?? schemas;
      if (at % 5 === 4) return port.remove(ref, 'active', `r${at}`, signal);
      return register(port, at + 1, `r${at}`);
    });
    const outcomes = (await Promise.all(calls)).map((answer) => answer?.outcome);
    const created = outcomes.filter((outcome) => outcome === 'created').length;
    const ended = outcomes.filter((outcome) => outcome === 'deleted').length;
    // It stands at the start; in the end it stands or does not.
    assert.ok([0, 1].includes(ended - created), `${created} created, ${ended} deleted`);
    const kept = await history(schemas);
    if (ended === 0) {
      const updated = outcomes.filter((outcome) => outcome === 'updated').length;
      const reverted = outcomes.filter((outcome) => outcome === 'reverted').length;
      assert.equal(kept.length, 1 + updated - reverted);
    }
    assert.equal(new Set(kept.map(([version]) => version)).size, kept.length);
  });

  it('answers a repeated change as it did first, whatever came between, in another process too', async (context) => {
    const { all, schemas } = await open(context, 2);
    const [, other] = all;
    assert.ok(other);
    await register(schemas, 1, 'r1');
    await register(schemas, 1, 'r2');
    await register(schemas, 2, 'r3');
    const reverted = await schemas.revert(ref, 1, stamp, 'r4', signal);
    const removed = await schemas.remove(ref, 'active', 'r5', signal);
    await register(schemas, 5, 'r6');
    const again = async (requestId: string) => {
      const { outcome, record } = await register(other, 9, requestId);
      return [outcome, record.active.version];
    };
    assert.deepEqual(
      [await again('r1'), await again('r2'), await again('r3'), await again('r6')],
      [
        ['created', 1],
        ['unchanged', 1],
        ['updated', 2],
        ['updated', 4],
      ],
    );
    assert.equal(reverted.active.version, 3);
    assert.deepEqual(await other.remove(ref, 'active', 'r5', signal), removed);
  });

  it('remembers each of the requests that two processes answer at once', async (context) => {
    const { all, schemas } = await open(context, 2);
    await register(schemas, 1);
    const ids = Array.from({ length: 16 }, (_, at) => `r${at}`);
    for (const part of [ids.slice(0, 8), ids.slice(8)]) {
      await Promise.all(part.map((id, at) => register(all[at % 2] ?? schemas, 1, id)));
    }
    await register(schemas, 2);
    for (const id of ids) {
      const { outcome, record } = await register(schemas, 3, id);
      assert.deepEqual([outcome, record.active.version], ['unchanged', 1], id);
    }
  });

  it('answers a repeated removal of a name as it did first and leaves the name registered since', async (context) => {
    const { all, schemas } = await open(context, 2);
    let turn = 0;
    const remove = async (requestId: string) =>
      (await all[turn++ % 2]?.remove(ref, 'all', requestId, signal))?.outcome;
    assert.equal(await remove('r0'), undefined);
    await register(schemas, 1);
    assert.deepEqual([await remove('r0'), await remove('r1')], [undefined, 'deleted']);
    await register(schemas, 2);
    assert.deepEqual([await remove('r0'), await remove('r1')], [undefined, 'deleted']);
    assert.equal(await schemas.count('default', signal), 1);
    assert.deepEqual(await Promise.all([remove('r2'), remove('r2')]), ['deleted', 'deleted']);
    assert.equal(await schemas.count('default', signal), 0);
  });

  it('tells one of several who remove a name at once that it did, and says so again', async (context) => {
    const { all, schemas } = await open(context, 3);
    for (let round = 0; round < 10; round++) {
      await register(schemas, round);
      const remove = () =>
        Promise.all(all.map((port, at) => port.remove(ref, 'all', `r${round} ${at}`, signal)));
      const first = await remove();
      assert.equal(first.filter((removal) => removal?.outcome === 'deleted').length, 1);
      await register(schemas, round);
      assert.deepEqual(await remove(), first);
      await schemas.remove(ref, 'all', undefined, signal);
    }
  });

  it('leaves nothing of a removed name behind', async (context) => {
    const { schemas, db } = await open(context);
    for (let content = 0; content < 5; content++) await register(schemas, content);
    await schemas.remove(ref, 'active', undefined, signal);
    await schemas.remove(ref, 'all', undefined, signal);
    for (const name of ['schemas', 'schemas_versions', 'schemas_removals']) {
      assert.equal(await db.collection(name).countDocuments(), 0, name);
    }
  });

  it('lets nobody find a removed version, whoever put it into the archive since', async (context) => {
    const { schemas, db } = await open(context);
    for (const content of [1, 2, 3]) await register(schemas, content);
    const archive = db.collection('schemas_versions');
    const second = await archive.findOne({ f: candidate(sized(2)).fingerprint });
    await schemas.remove(ref, 'active', undefined, signal);
    await schemas.remove(ref, 'active', undefined, signal);
    assert.equal(await archive.countDocuments({ f: second?.f }), 0);
    assert.ok(second);
    await archive.insertOne(second);
    await register(schemas, 4);
    const { fingerprint } = candidate(sized(2));
    assert.equal(await schemas.find(ref, { by: 'fingerprint', fingerprint }, signal), undefined);
    assert.equal(await schemas.find(ref, { by: 'version', version: 2 }, signal), undefined);
    assert.deepEqual(await history(schemas), [
      [1, sized(1)],
      [4, sized(4)],
    ]);
  });

  it('keeps a head far below what a document may have, however large the versions', async (context) => {
    const { schemas, db } = await open(context);
    const large = (at: number) => JSON.stringify({ title: `${at}`.padEnd(262_000, 'x') });
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => schemas.register(ref, candidate(large(at)), options(), signal)),
    );
    const [head] = await db.collection('schemas').find().toArray();
    const bytes = BSON.calculateObjectSize(head ?? {});
    assert.ok(bytes < 8 * 2 ** 20, `the head has ${bytes} bytes`);
    assert.deepEqual(
      (await history(schemas)).map(([, document]) => document).toSorted(),
      Array.from({ length: 40 }, (_, at) => large(at)).toSorted(),
    );
  });

  it('sweeps away what a removed name left in the archive, and nothing else', async (context) => {
    const { schemas, db, link } = await open(context);
    const other = { namespace: 'n', name: 'people' };
    for (const content of [1, 2, 3]) {
      await register(schemas, content);
      await schemas.register(other, candidate(sized(content)), options(), signal);
    }
    const archive = db.collection('schemas_versions');
    const all = await archive.countDocuments();
    const sweeper = new SchemaSweeper(link, new SchemaHeads(link, 'schemas'), 'schemas');
    await sweeper.sweep(signal);
    await sweeper.sweep(signal);
    assert.equal(await archive.countDocuments(), all);
    await db.collection('schemas').deleteMany({});
    await sweeper.sweep(signal);
    assert.equal(await archive.countDocuments(), all);
    await sweeper.sweep(signal);
    assert.equal(await archive.countDocuments(), all / 2);
    assert.equal((await schemas.versions(other, { after: 0, limit: 9 }, signal))?.versions.length, 3);
  });

  it('has its indexes soon after the start, the identity unique', async (context) => {
    const { schemas, db } = await open(context);
    assert.deepEqual(schemas.indexes.problems, []);
    const keys = async (name: string) =>
      (await db.collection(name).listIndexes().toArray()).map(({ key, unique }) => [key, unique === true]);
    assert.deepEqual((await keys('schemas')).slice(1), [[{ import_name: 1 }, true]]);
    assert.deepEqual((await keys('schemas_namespaces')).slice(1), [[{ 'cs.ns': 1, import_name: 1 }, true]]);
    assert.deepEqual((await keys('schemas_versions')).slice(1), [[{ '_id.h': 1, f: 1, '_id.n': -1 }, false]]);
    assert.deepEqual((await keys('schemas_removals')).slice(1), [[{ at: 1 }, false]]);
  });

  it('creates a name once, also where two processes start for the first time at once', async (context) => {
    const database = await openDatabase(await server());
    context.after(() => database[Symbol.asyncDispose]());
    const names = Array.from({ length: 20 }, (_, at) => `n${at}`);
    const outcomes = await Promise.all(
      ['one', 'other'].map(async (content) => {
        const link = new MongoLink({ url: database.url, database: 'unnamed' });
        context.after(() => link[Symbol.asyncDispose]());
        const schemas = new MongoSchemas(link, 'schemas');
        await link.reached();
        const document = JSON.stringify({ title: content });
        return Promise.all(
          names.map((name) =>
            schemas.register({ namespace: 'n', name }, candidate(document), options(), signal),
          ),
        );
      }),
    );
    const created = outcomes.flat().filter(({ outcome }) => outcome === 'created');
    assert.equal(created.length, names.length);
    assert.equal(await database.db.collection('schemas_namespaces').countDocuments(), names.length);
  });

  it('reports names that stand twice in old data, with the way out, and works on', async (context) => {
    const database = await openDatabase(await server());
    context.after(() => database[Symbol.asyncDispose]());
    const collection = database.db.collection('schemas');
    const twice = ['first', 'second'].map((at) => ({
      import_name: 'people',
      created_at: at,
      active_schema: {},
    }));
    const once: Document = { import_name: 'other', active_schema: {} };
    const { insertedIds } = await collection.insertMany([...twice, once]);
    const { schemas, link } = await openSchemas(database.url);
    context.after(() => link[Symbol.asyncDispose]());
    const [problem, ...others] = schemas.indexes.problems;
    assert.deepEqual(others, []);
    assert.match(problem ?? '', /cs_identity on \S+\.schemas cannot be built/);
    assert.ok(problem?.includes(`${insertedIds[0]}, ${insertedIds[1]}`), problem);
    assert.ok(!problem?.includes('people'), 'it shows a name of a caller');
    assert.match(problem ?? '', /Delete all but one/);
    const found = await schemas.find(ref, { by: 'active' }, signal);
    assert.equal(found?.version.statedAt, 'first');
    assert.equal((await register(schemas, 1)).record.active.version, 2);
    const [, second] = await collection.find({ import_name: 'people' }, { sort: { _id: 1 } }).toArray();
    assert.equal(second?.cs, undefined);
    const archive = await database.db.collection('schemas_versions').listIndexes().toArray();
    assert.equal(archive.length, 2);
  });
});
