/** The first implementation and ours write the same schemas, one after the other, as when an operator goes back for a while. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mongoMissing, sabotaged } from '@connections/testing';
import { type Collection, type Document, MongoNetworkError } from 'mongodb';
import type { MongoLink } from '../src/driver/mongo/mongo-link.ts';
import { MongoSchemas } from '../src/driver/mongo/mongo-schemas.ts';
import type { Schemas } from '../src/port/schemas.ts';
import { nestedSchema, people, typedSchema } from './first-schemas.ts';
import { mongoServer } from './mongo-ports.ts';
import { openOldSchemas } from './old-schema-world.ts';

const { signal } = new AbortController();
const ref = (name: string) => ({ namespace: 'default', name });
const stamp = { author: 'rita', note: 'back', createdAt: 1_700_000_000_000 };

/** Of the content that the first implementation would find with this minimum. */
function register(schemas: Schemas, minimum: number, statedAt?: string) {
  const document = JSON.stringify({ properties: { id: { type: 'integer', minimum } } });
  const candidate = { ...stamp, document, fingerprint: `f${minimum}`, statedAt };
  return schemas.register(ref('people'), candidate, { mustExist: false, requestId: undefined }, signal);
}

describe('schemas', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const open = (context: TestContext, documents: readonly Document[] = []) =>
    openOldSchemas(context, server, documents);

  it('that the first implementation writes over ours are the next versions, however many', async (context) => {
    const { schemas, first, contents, times, versionsOf } = await open(context);
    for (const minimum of [1, 2, 3]) await register(schemas, minimum, `day ${minimum}`);
    await first.write('people', typedSchema(4), 'day 4');
    assert.deepEqual(await contents('people'), [1, 2, 3, 4]);
    await first.write('people', nestedSchema(5), 'day 5');
    const all = await versionsOf('people');
    const found = await schemas.find(ref('people'), { by: 'active' }, signal);
    assert.deepEqual([found?.version.version, found?.version], [5, all.at(-1)]);
    assert.deepEqual(await contents('people'), [1, 2, 3, 4, 5]);

    assert.equal((await register(schemas, 6, 'day 6')).record.active.version, 6);
    assert.deepEqual(
      await times('people'),
      [1, 2, 3, 4, 5, 6].map((day) => [day, `day ${day}`]),
    );
    assert.deepEqual(await contents('people'), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual((await versionsOf('people')).slice(0, 5), all);

    await first.removeActive('people');
    assert.deepEqual(await contents('people'), [1, 2, 3, 4, 5, 6, 5]);
    // The same day and the same number of releases as what we wrote last.
    await schemas.remove(ref('people'), 'active', undefined, signal);
    await first.removeActive('people');
    await first.write('people', typedSchema(9), 'day 6');
    assert.equal((await contents('people')).at(-1), 9);
  });

  it('that the first implementation removes and writes again are another life, with none of our versions', async (context) => {
    const { schemas, first, contents } = await open(context);
    for (const minimum of [1, 2, 3]) await register(schemas, minimum);
    for (let times = 0; times < 3; times++) await first.removeActive('people');
    assert.equal(await schemas.find(ref('people'), { by: 'version', version: 1 }, signal), undefined);
    await first.write('people', typedSchema(7), 'day 1');
    assert.deepEqual(await contents('people'), [7]);
    await schemas.revert(ref('people'), 1, stamp, undefined, signal);
    await first.write('people', typedSchema(8), 'day 2');
    assert.deepEqual(await contents('people'), [7, 8]);
  });

  it('restored from a backup go on from there', async (context) => {
    const { schemas, first, contents, collection } = await open(context, [people]);
    const before = await first.find('people');
    assert.ok(before);
    for (const minimum of [14, 15, 16]) await register(schemas, minimum);
    await collection.replaceOne({ _id: before._id }, before);
    assert.deepEqual(await contents('people'), [1, 2, 3]);
    for (const minimum of [24, 25, 26]) await register(schemas, minimum);
    assert.deepEqual(await contents('people'), [1, 2, 3, 24, 25, 26]);
  });

  it('that the first implementation writes between our look and our write are not written over', async (context) => {
    const { first, contents, link } = await open(context, [people]);
    for (const write of [
      () => first.write('people', typedSchema(20), 'day 3'),
      () => first.write('people', typedSchema(21), 'day 21'),
      () => first.removeActive('people'),
      async () => {
        await first.removeActive('people');
        await first.write('people', typedSchema(22), 'day 22');
      },
    ]) {
      const schemas = new MongoSchemas(linkThat(link, write), 'schemas');
      const kept = await contents('people');
      await register(schemas, 30 + kept.length);
      const after = await contents('people');
      assert.deepEqual(after.slice(0, kept.length), kept);
      assert.equal(after.length, kept.length + 2);
      assert.equal(after.at(-1), 30 + kept.length);
    }
  });
});

describe('schemas of which something is missing', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();

  it('go on where the list of releases has gone', async (context) => {
    const { schemas, first, contents, collection } = await openOldSchemas(context, server, []);
    for (const minimum of [1, 2]) await register(schemas, minimum);
    await collection.updateOne({}, { $unset: { schemas_releases: '' } });
    await register(schemas, 3);
    assert.deepEqual(await contents('people'), [1, 2, 3]);
    assert.equal((await first.find('people'))?.schemas_releases.length, 1);
    // The list comes back between our look and our write.
    await collection.updateOne({}, { $unset: { schemas_releases: '' } });
    await first.write('people', typedSchema(4), 'day 4');
    await register(schemas, 5);
    assert.deepEqual(await contents('people'), [1, 2, 3, 4, 5]);
  });

  it('are not made anew when a change whose answer was lost finds that its name has gone', async (context) => {
    const { first, link } = await openOldSchemas(context, server, [people]);
    const schemas = new MongoSchemas(
      linkThat(link, async (write) => {
        await write();
        for (let times = 0; times < 4; times++) await first.removeActive('people');
        throw new MongoNetworkError('the answer was lost');
      }),
      'schemas',
    );
    await assert.rejects(register(schemas, 9), { reason: 'OUTCOME_UNKNOWN' });
    assert.equal(await first.count(), 0);
  });
});

/** The link, with something that happens once, before the first write of a head, which is made then or not. */
function linkThat(link: MongoLink, happens: (write: () => Promise<unknown>) => Promise<void>): MongoLink {
  let happened: Promise<void> | undefined;
  return sabotaged(link, {
    collection: ((name: string) =>
      sabotaged(link.collection<Document>(name), {
        findOneAndUpdate: async (...call: Parameters<Collection['findOneAndUpdate']>) => {
          const write = () => link.collection(name).findOneAndUpdate(...call);
          const first = happened === undefined;
          happened ??= happens(write);
          if (first) await happened;
          return write();
        },
      } as Partial<Collection>)) as MongoLink['collection'],
  });
}
