/** Hashes of tasks on Redis as the first implementation writes them, and all that two stores hold, to be compared. */
import { inBatches } from '@connections/testing';
import { EJSON } from 'bson';
import type { Db } from 'mongodb';
import { RESP_TYPES, type RedisClientType } from 'redis';
import { isOfView, ofPeople, taken } from './old-data.ts';
import type { RawStores } from './old-stores.ts';

const lifeSeconds = 1_800;

export interface LegacySeed {
  readonly status: string;
  readonly code: string;
  readonly message: string;
  readonly data: string;
  readonly [field: string]: string;
}

export const seed = (change: Readonly<Record<string, string>> = {}): LegacySeed => ({
  ...{ status: 'accepted', code: '202', message: 'taken', data: JSON.stringify(ofPeople), ...change },
});

/** Of Redis alone. A life of 0 is one for good. */
export async function seedHash(
  { redis }: Pick<RawStores, 'redis'>,
  key: string,
  fields: Readonly<Record<string, string>>,
  life = lifeSeconds,
): Promise<void> {
  await redis.hSet(key, fields);
  if (life > 0) await redis.expire(key, life);
}

/** By key: each a task that is to be imported, and what it is to be. */
export const importable = new Map([
  ['validation:task:plain', { seed: seed(), task: taken(ofPeople) }],
  ['validation:task:beside', { seed: seed({ owner: 'ann', 'a.b': 'c', cs: 'mine' }), task: taken(ofPeople) }],
  [
    'validation:task:typed',
    {
      seed: seed({
        data: '{"n": 5, "f": 1.0, "l": 9223372036854775807, "b": true, "z": null, "o": {"x": [1]}}',
      }),
      task: taken({ n: '5', f: '1.0', l: '9223372036854775807', b: 'true', z: '', o: '{"x":[1]}' }),
    },
  ],
  [
    'schemas:task:a:task:b',
    {
      seed: seed({
        status: 'error',
        code: '-1',
        message: '',
        data: '{"import_name": "größe", "$ref": "\\u00e9"}',
      }),
      task: { status: 'error', code: -1, message: '', data: { import_name: 'größe', $ref: 'é' } },
    },
  ],
  ['validation:task:nobody', { seed: seed({ data: '{}' }), task: taken({}) }],
]);

/** By key: no task can be made of it, and what is said of that. */
export const unreadable = new Map<
  string,
  readonly [fields: Readonly<Record<string, string>>, problem: RegExp]
>([
  ['validation:task:part', [{ status: 'completed' }, /^it has no code$/]],
  ['validation:task:worded', [seed({ code: 'soon' }), /^its code is no number$/]],
  ['validation:task:vast', [seed({ code: '99999999999' }), /state\.code: must be a whole number/]],
  ['validation:task:text', [seed({ data: 'rows' }), /^its data is no JSON object$/]],
  ['validation:task:list', [seed({ data: '[]' }), /^its data is no JSON object$/]],
  ['validation:task:deep', [seed({ data: '{"a":'.repeat(40) }), /^its data nests too deep$/]],
  ['validation:task:half', [seed({ data: '{"a": "\\ud800"}' }), /^its data is no text that UTF-8 can hold$/]],
  ['validation:task:blank', [seed({ status: '' }), /state\.status: must not be empty/]],
  [`validation:task:${'i'.repeat(600)}`, [seed(), /id: is 600 bytes long/]],
  ['validation:task:big', [seed({ message: 'm'.repeat(1_100_000) }), /message are \d+ bytes together/]],
  ['validation:task:huge', [seed({ data: 'd'.repeat(5_000_000) }), /^it is larger than \d+ bytes$/]],
  ['validation:task:wide', [wide(), /^it has more than 1004 fields$/]],
]);

function wide(): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: 1_100 }, (_, at) => [`f${at}`, '']));
}

/** Every key but those of the view, byte for byte, and whether it has an expiry. */
export async function redisContent(redis: RedisClientType): Promise<Map<string, string>> {
  const raw = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const found = new Map<string, string>();
  const keys = (await redis.keys('*')).filter((key) => !isOfView(key)).toSorted();
  for (const key of keys) found.set(key, '');
  await inBatches(keys, async (key) => {
    const [dump, life] = await Promise.all([raw.dump(key), redis.ttl(key)]);
    found.set(key, `${life < 0} ${Buffer.from(dump ?? '').toString('base64')}`);
  });
  return found;
}

/** Entries of the view, buffered ones too. */
export async function viewEntries(redis: RedisClientType): Promise<string[]> {
  return (await redis.keys('cs:{p*}:t:[eb]:*')).toSorted();
}

/** Every document of every collection. */
export async function mongoContent(mongo: Db): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { name } of await mongo.listCollections().toArray()) {
    const documents = await mongo.collection(name).find().toArray();
    found.set(name, documents.map((document) => EJSON.stringify(document)).toSorted());
  }
  return found;
}
