/** A schema of the first implementation under the calls of the wire contract, to its removal. */
import assert from 'node:assert/strict';
import { nestedSchema, onTheWire, typedSchema } from './first-schemas.ts';
import { schemasOf } from './old-data.ts';
import type { OldStores } from './old-stores.ts';

/** Of one whose active content is the third, after none or the first two: after each call the document is looked at. */
export async function carryOn(stores: OldStores, importName: string): Promise<void> {
  const { client } = stores;
  const first = schemasOf(stores);
  const before = await first.find(importName);
  const shown = () => first.shown(importName);
  const insert = (activeSchema: ReturnType<typeof onTheWire>, createdAt: string) =>
    client.mongoInsertOneSchema({ importName, createdAt, activeSchema });
  const update = (schema: ReturnType<typeof onTheWire>, createdAt: string) =>
    client.mongoUpdateOneJsonSchema({ importName, createdAt, schema });
  const turned = { ...onTheWire(3), properties: new Map([...onTheWire(3).properties].reverse()) };
  for (const write of [insert, update]) assert.equal((await write(turned, 'day 4')).status, 'no_change');
  assert.deepEqual(await shown(), before);

  assert.equal((await insert(onTheWire(5), 'day 5')).status, 'updated');
  const releases = before?.schemas_releases ?? [];
  const third = { schema: typedSchema(3), created_at: 'day 3' };
  const fifth = { created_at: 'day 5', active_schema: typedSchema(5) };
  const later = { ...before, ...fifth, schemas_releases: [...releases, third] };
  assert.deepEqual(await shown(), later);
  assert.equal((await update(onTheWire(6), 'day 6')).status, 'updated');
  assert.deepEqual((await shown())?.schemas_releases.at(-1), {
    schema: typedSchema(5),
    created_at: 'day 5',
  });

  // The first implementation writes, ours goes on, and takes back what it wrote.
  await first.write(importName, nestedSchema(7), 'day 7');
  assert.deepEqual((await client.mongoFindJsonSchema({ importName })).schema, onTheWire(7));
  const remove = async () => (await client.mongoDeleteOneJsonSchema({ importName })).status;
  assert.deepEqual([await remove(), await remove()], ['reverted', 'reverted']);
  assert.deepEqual(await shown(), later);
  assert.equal(await remove(), 'reverted');
  const reverted = { ...before, active_schema: typedSchema(3), schemas_releases: releases };
  assert.deepEqual(await shown(), reverted);
  for (const [at] of releases.entries()) {
    assert.equal(await remove(), 'reverted');
    const found = await shown();
    assert.deepEqual(found?.active_schema, typedSchema(releases.length - at));
    assert.deepEqual(found?.schemas_releases, releases.slice(0, releases.length - 1 - at));
  }
  assert.deepEqual([await remove(), await remove()], ['deleted', 'error']);
  assert.equal(await first.find(importName), null);
}
