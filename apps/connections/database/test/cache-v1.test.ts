/** Tests connections.cache.v1 over a socket: what it does, and what it answers to bad input. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cacheService } from '@connections/proto-utils';
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

const seconds = (count: number) => ({ seconds: BigInt(Math.floor(count)), nanos: (count % 1) * 1e9 });
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

it('a value comes back byte for byte until its TTL has passed', async () => {
  await using database = await startDatabase();
  const { cache, clock } = database;
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const { expireTime } = await cache.set({ key: 'k', value, ttl: seconds(1.5) });
  assert.equal(expireTime?.getTime(), clock.now() + 1_500);
  const { entry } = await cache.get({ key: 'k' });
  assert.deepEqual(entry, { key: 'k', value, expireTime });
  await clock.advance(1_500);
  assert.equal((await cache.get({ key: 'k' })).entry, undefined);
});

it('a value without a TTL has the default one', async () => {
  await using database = await startDatabase({ DEFAULT_TTL_SECONDS: '90' });
  const { expireTime } = await database.cache.set({ key: 'k' });
  assert.equal(expireTime?.getTime(), database.clock.now() + 90_000);
  assert.equal((await database.cache.get({ key: 'k' })).entry?.value.length, 0);
});

it('a namespace sees nothing of another, and the empty one is "default"', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  await cache.set({ key: 'k', value: bytes('one') });
  await cache.set({ namespace: 'other', key: 'k', value: bytes('two') });
  assert.equal(text((await cache.get({ namespace: 'default', key: 'k' })).entry?.value), 'one');
  await cache.clear({ requestId: 'r-1' });
  assert.equal((await cache.get({ key: 'k' })).entry, undefined);
  assert.equal(text((await cache.get({ namespace: 'other', key: 'k' })).entry?.value), 'two');
});

it('odd names are names like any other', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  for (const key of oddNames) await cache.set({ key, value: bytes(key) });
  for (const key of oddNames) assert.equal(text((await cache.get({ key })).entry?.value), key);
  const { entries } = await cache.list({ keysOnly: true });
  assert.deepEqual(new Set(entries.map(({ key }) => key)), new Set(oddNames));
  assert.equal((await cache.delete({ keys: oddNames })).deleted, oddNames.length);
});

it('keys that belong to tasks are refused in the default namespace, and free in others', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  for (const key of ['cs:a', 'validation:task:1', 'validation:import:people:tasks']) {
    await refusesFields(cache.set({ key }), 'key');
    await refusesFields(cache.get({ key }), 'key');
    await refusesFields(cache.delete({ keys: [key] }), 'keys[0]');
    await cache.set({ namespace: 'other', key });
    assert.equal((await cache.delete({ namespace: 'other', keys: [key] })).deleted, 1);
  }
});

it('deleting counts what was there, and twice the same key once', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  await cache.set({ key: 'a' });
  assert.equal((await cache.delete({ keys: ['a', 'b', 'a'] })).deleted, 1);
  assert.equal((await cache.delete({ keys: ['a'] })).deleted, 0);
  assert.equal((await cache.delete({ keys: [] })).deleted, 0);
});

it('lists a prefix page by page in the order of the bytes of the keys', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  const keys = ['p:', 'p:A', 'p:a', 'p:z', 'p:é', 'p:\u{10000}', 'p:\uffff'];
  for (const key of [...keys, 'o', 'q']) await cache.set({ key, value: bytes(`of ${key}`) });
  const found: string[] = [];
  let pageToken = '';
  do {
    const page = await cache.list({ prefix: 'p:', pageSize: 2, pageToken });
    assert.ok(page.entries.length <= 2);
    for (const { key, value } of page.entries) assert.equal(text(value), `of ${key}`);
    found.push(...page.entries.map(({ key }) => key));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(
    found,
    keys.sort((a, b) => Buffer.compare(bytes(a), bytes(b))),
  );
});

it('a page holds no more bytes than a reply can, and loses nothing for it', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  const value = Buffer.alloc(1_000_000);
  for (const key of ['a', 'b', 'c', 'd', 'e']) await cache.set({ key, value });
  const first = await cache.list({});
  assert.deepEqual(
    first.entries.map(({ key }) => key),
    ['a', 'b', 'c'],
  );
  const second = await cache.list({ pageToken: first.nextPageToken });
  assert.deepEqual(
    second.entries.map(({ key }) => key),
    ['d', 'e'],
  );
  assert.equal(second.nextPageToken, '');
});

it('a page token is refused with other filters, and when it was garbled', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  for (const key of ['a', 'b']) await cache.set({ key });
  const { nextPageToken: pageToken } = await cache.list({ pageSize: 1 });
  const refused = [
    { pageToken, prefix: 'a' },
    { pageToken, namespace: 'other' },
    { pageToken, keysOnly: true },
    { pageToken: `${pageToken}A` },
    { pageToken: 'b' },
  ];
  for (const request of refused) await refuses(cache.list(request), 'INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID');
  assert.equal((await cache.list({ pageToken, namespace: 'default' })).entries[0]?.key, 'b');
});

it('bad fields are INVALID_ARGUMENT, all of a request at once', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  await refusesFields(cache.get({ key: '' }), 'key');
  await refusesFields(cache.get({ key: 'x'.repeat(513) }), 'key');
  await refusesFields(cache.get({ key: 'é'.repeat(257) }), 'key');
  for (const key of ['a\0', '\n', 'a\u007f']) await refusesFields(cache.get({ key }), 'key');
  await refusesFields(cache.set({ key: 'k', value: Buffer.alloc(limits.valueBytes + 1) }), 'value');
  for (const ttl of [seconds(0), seconds(-1), seconds(0.5), seconds(limits.maxTtlSeconds + 1)]) {
    await refusesFields(cache.set({ key: 'k', ttl }), 'ttl');
  }
  await refusesFields(cache.delete({ keys: ['a', '', 'b', '\n'] }), 'keys[1]', 'keys[3]');
  await refusesFields(cache.delete({ keys: Array(257).fill('k') }), 'keys');
  for (const pageSize of [-1, 1_001]) await refusesFields(cache.list({ pageSize }), 'page_size');
  await refusesFields(cache.list({ prefix: '\t' }), 'prefix');
  await refusesFields(cache.clear({ namespace: 'x'.repeat(65) }), 'namespace');
  const all = { namespace: '\n', key: '', value: Buffer.alloc(limits.valueBytes + 1), ttl: seconds(0) };
  await refusesFields(
    cache.set({ ...all, requestId: 'x'.repeat(129) }),
    'namespace',
    'key',
    'value',
    'ttl',
    'request_id',
  );
  assert.equal((await cache.list({})).entries.length, 0);
});

it('a request with hundreds of wrong fields still gets its answer', async () => {
  await using database = await startDatabase();
  const { status, message, fields } = await refusalOf(database.cache.delete({ keys: Array(256).fill('') }));
  assert.equal(status, 'INVALID_ARGUMENT');
  assert.equal(message, 'keys[0]: must not be empty (and 255 more)');
  assert.equal(fields.size, 16);
});

it('text that is not UTF-8 is INVALID_ARGUMENT', async () => {
  await using database = await startDatabase();
  const sent = database.send(cacheService.methods.get, rawField(2, notUtf8));
  await refuses(sent, 'INVALID_ARGUMENT', 'MALFORMED_MESSAGE');
});

it('a value as large as the limit is kept; a message that the transport does not take is RESOURCE_EXHAUSTED', async () => {
  await using database = await startDatabase({ MAX_VALUE_BYTES: '3 MiB' });
  const { cache } = database;
  await cache.set({ key: 'k', value: Buffer.alloc(limits.valueBytesCeiling, 7) });
  assert.equal((await cache.get({ key: 'k' })).entry?.value.length, limits.valueBytesCeiling);
  await assert.rejects(cache.set({ key: 'k', value: Buffer.alloc(5 * 2 ** 20) }), {
    status: 'RESOURCE_EXHAUSTED',
  });
});

it('10 000 calls at once are all answered', async () => {
  await using database = await startDatabase();
  const { cache } = database;
  await cache.set({ key: 'k', value: bytes('v') });
  const replies = await Promise.all(Array.from({ length: 10_000 }, () => cache.get({ key: 'k' })));
  assert.ok(replies.every(({ entry }) => text(entry?.value) === 'v'));
});
