/** Tests connections.schemas.v1 over a socket: what it does, and what it answers to bad input. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { schemaService } from '@connections/proto-utils';
import { RegisterResponse_Outcome as Outcome, type SchemaVersion } from '@connections/proto-utils/v1/schemas';
import { limits } from '@connections/runtime';
import {
  notUtf8,
  oddNames,
  rawField,
  refusalOf,
  refuses,
  refusesFields,
  startDatabase,
} from './v1-database.ts';

const schema = (title: string) => JSON.stringify({ type: 'object', title });
const name = 'people';

function titlesOf(versions: readonly SchemaVersion[]): string[] {
  return versions.map(({ document }) => JSON.parse(document).title);
}

it('registering creates, updates, and leaves unchanged what has the same content', async () => {
  await using database = await startDatabase();
  const { schemas, clock } = database;
  const document = '{"type": "object", "title": "a"}';
  const created = await schemas.register({ name, document, author: 'ann', note: 'first' });
  assert.equal(created.outcome, Outcome.OUTCOME_CREATED);
  assert.deepEqual(created.active, {
    name,
    version: 1n,
    document,
    fingerprint: created.active?.fingerprint,
    author: 'ann',
    note: 'first',
    createTime: new Date(clock.now()),
    active: true,
  });
  assert.match(created.active?.fingerprint ?? '', /^[0-9a-f]{64}$/);

  const unchanged = await schemas.register({
    name,
    document: '{"title":"a","type":"object"}',
    author: 'bob',
  });
  assert.equal(unchanged.outcome, Outcome.OUTCOME_UNCHANGED);
  assert.deepEqual(unchanged.active, created.active);

  const updated = await schemas.register({ name, document: schema('b') });
  assert.equal(updated.outcome, Outcome.OUTCOME_UPDATED);
  assert.equal(updated.active?.version, 2n);
});

it('gets the active version, or the one of a number or a fingerprint', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  const { active: first } = await schemas.register({ name, document: schema('a') });
  const { active: second } = await schemas.register({ name, document: schema('b') });
  const get = async (selector?: Parameters<typeof schemas.get>[0]['selector']) =>
    (await schemas.get({ name, selector })).schema;
  assert.deepEqual(await get(), second);
  assert.deepEqual(await get({ $case: 'version', value: 1n }), { ...first, active: false });
  const fingerprint = first?.fingerprint ?? '';
  assert.deepEqual(await get({ $case: 'fingerprint', value: fingerprint }), { ...first, active: false });
});

it('an unknown name, version or fingerprint is NOT_FOUND', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  const unknown = { name: 'nobody' };
  for (const call of [
    () => schemas.get(unknown),
    () => schemas.get({ ...unknown, selector: { $case: 'version', value: 1n } }),
    () => schemas.listVersions(unknown),
    () => schemas.revert({ ...unknown, version: 1n }),
    () => schemas.deleteActive(unknown),
    () => schemas.delete(unknown),
  ]) {
    await refuses(call(), 'NOT_FOUND', 'SCHEMA_NOT_FOUND');
  }
  await schemas.register({ name, document: schema('a') });
  await refuses(schemas.get({ name, namespace: 'other' }), 'NOT_FOUND', 'SCHEMA_NOT_FOUND');
  for (const call of [
    () => schemas.get({ name, selector: { $case: 'version', value: 2n } }),
    () => schemas.get({ name, selector: { $case: 'fingerprint', value: '0'.repeat(64) } }),
    () => schemas.revert({ name, version: 2n }),
  ]) {
    await refuses(call(), 'NOT_FOUND', 'SCHEMA_VERSION_NOT_FOUND');
  }
});

it('lists names by prefix in order, with the active versions and the number of all', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  for (const each of ['p/b', 'p/a', 'q', 'p/c'])
    await schemas.register({ name: each, document: schema(each) });
  const first = await schemas.list({ prefix: 'p/', pageSize: 2 });
  assert.deepEqual(titlesOf(first.schemas), ['p/a', 'p/b']);
  assert.equal(first.totalSize, 4);
  const second = await schemas.list({ prefix: 'p/', pageSize: 2, pageToken: first.nextPageToken });
  assert.deepEqual(titlesOf(second.schemas), ['p/c']);
  assert.equal(second.nextPageToken, '');
  const foreign = { pageToken: first.nextPageToken, prefix: 'q' };
  await refuses(schemas.list(foreign), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
});

it('lists versions oldest first, page by page, only the last one active', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  for (const title of ['a', 'b', 'c']) await schemas.register({ name, document: schema(title) });
  const first = await schemas.listVersions({ name, pageSize: 2 });
  const second = await schemas.listVersions({ name, pageSize: 2, pageToken: first.nextPageToken });
  const versions = [...first.versions, ...second.versions];
  assert.deepEqual(titlesOf(versions), ['a', 'b', 'c']);
  assert.deepEqual(
    versions.map(({ active }) => active),
    [false, false, true],
  );
  const foreign = { name: 'other', pageToken: first.nextPageToken };
  await refuses(schemas.listVersions(foreign), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
});

it('a page holds no more bytes than a reply can, and loses nothing for it', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  const titles = Array.from({ length: 20 }, (_, index) => String(index).padStart(250_000, '.'));
  for (const title of titles) await schemas.register({ name, document: schema(title) });
  const found: string[] = [];
  let pages = 0;
  let pageToken = '';
  do {
    const page = await schemas.listVersions({ name, pageToken });
    found.push(...titlesOf(page.versions));
    pageToken = page.nextPageToken;
    pages++;
  } while (pageToken !== '');
  assert.deepEqual(found, titles);
  assert.equal(pages, 2);
});

it('reverting makes old content a new version; deleting the active one brings the one before back', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  for (const title of ['a', 'b']) await schemas.register({ name, document: schema(title) });
  const { active } = await schemas.revert({ name, version: 1n, author: 'ann', note: 'b was wrong' });
  assert.deepEqual([active?.version, active?.author, active?.note], [3n, 'ann', 'b was wrong']);
  assert.deepEqual(titlesOf((await schemas.listVersions({ name })).versions), ['a', 'b', 'a']);

  assert.equal((await schemas.deleteActive({ name })).active?.version, 2n);
  assert.equal((await schemas.deleteActive({ name })).active?.version, 1n);
  assert.equal((await schemas.deleteActive({ name })).active, undefined);
  await refuses(schemas.get({ name }), 'NOT_FOUND', 'SCHEMA_NOT_FOUND');
});

it('a request id that comes again has no second effect and gets the first answer', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  const request = { name, document: schema('a'), requestId: 'r-1' };
  const first = await schemas.register(request);
  await schemas.register({ name, document: schema('b') });
  assert.deepEqual(await schemas.register(request), first);
  assert.deepEqual(titlesOf((await schemas.listVersions({ name })).versions), ['a', 'b']);
});

it('odd names are names like any other', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  for (const each of oddNames) await schemas.register({ name: each, document: schema(each) });
  for (const each of oddNames)
    assert.equal((await schemas.get({ name: each })).schema?.document, schema(each));
  assert.equal((await schemas.list({})).totalSize, oddNames.length);
});

it('bad fields are INVALID_ARGUMENT, all of a request at once', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  await refusesFields(schemas.register({ name: '', document: '{' }), 'document', 'name');
  await refusesFields(schemas.get({ name: 'a\n' }), 'name');
  await refusesFields(schemas.get({ name: 'x'.repeat(513), namespace: 'y'.repeat(65) }), 'namespace', 'name');
  for (const value of [0n, -1n, 2n ** 62n]) {
    await refusesFields(schemas.get({ name, selector: { $case: 'version', value } }), 'version');
    await refusesFields(schemas.revert({ name, version: value }), 'version');
  }
  await refusesFields(schemas.get({ name, selector: { $case: 'fingerprint', value: 'ABC' } }), 'fingerprint');
  for (const pageSize of [-1, 1_001]) {
    await refusesFields(schemas.list({ pageSize }), 'page_size');
    await refusesFields(schemas.listVersions({ name, pageSize }), 'page_size');
  }
  const long = 'x'.repeat(limits.noteBytes + 1);
  const stamped = { name, document: '{}', author: long, note: long, requestId: long };
  await refusesFields(schemas.register(stamped), 'author', 'note', 'request_id');
  await refusesFields(schemas.delete({ name, requestId: long }), 'request_id');
  const sent = database.send(schemaService.methods.register, rawField(3, notUtf8));
  await refuses(sent, 'INVALID_ARGUMENT', 'MALFORMED_MESSAGE');
});

it('a document that is no schema, or that no engine of linear time can check, is refused with its place', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  const problemOf = async (document: unknown) => {
    const refusal = await refusalOf(schemas.register({ name, document: JSON.stringify(document) }));
    assert.equal(refusal.status, 'INVALID_ARGUMENT');
    return refusal.fields.get('document');
  };
  assert.match((await problemOf([])) ?? '', /^#: must be object,boolean/);
  assert.match((await problemOf({ type: 'text' })) ?? '', /^#\/type: /);
  assert.match((await problemOf({ items: { pattern: '(?=x)' } })) ?? '', /^#\/items\/pattern: /);
  assert.match((await problemOf({ items: { $ref: 'https://example.com/x' } })) ?? '', /^#\/items\/\$ref: /);
  await schemas.register({ name, document: JSON.stringify({ pattern: '^(a+)+$' }) });
});

it('24 writers of one schema at once lose no release', async () => {
  await using database = await startDatabase();
  const { schemas } = database;
  const titles = Array.from({ length: 24 }, (_, index) => `by writer ${index}`);
  const replies = await Promise.all(
    titles.map((title) => schemas.register({ name, document: schema(title) })),
  );
  const { versions } = await schemas.listVersions({ name });
  assert.deepEqual(titlesOf(versions).sort(), titles.sort());
  assert.deepEqual(
    versions.map(({ version }) => version),
    titles.map((_, index) => BigInt(index + 1)),
  );
  assert.equal(replies.filter(({ outcome }) => outcome === Outcome.OUTCOME_CREATED).length, 1);
});
