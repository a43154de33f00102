/** What the first implementation left in its stores: every layout of a task, a cache entry and a schema, field by field. */
import { type Document, Double } from 'mongodb';
import type { RedisClientType } from 'redis';
import { firstSchemas, nestedSchema, people, typedSchema } from './first-schemas.ts';
import { type FirstState, firstTasks } from './first-tasks.ts';
import type { RawStores } from './old-stores.ts';

export const taken = (data: Readonly<Record<string, string>>): FirstState => ({
  ...{ status: 'accepted', code: 202, message: 'taken', data },
});
export const ofPeople = { import_name: 'people', rows: '7' };

export const tasksOf = ({ redis, mongo }: RawStores) => firstTasks(redis, mongo.collection('tasks'));
export const schemasOf = ({ mongo }: RawStores) => firstSchemas(mongo.collection('schemas'));

export async function seedTasks(stores: RawStores): Promise<void> {
  const first = tasksOf(stores);
  for (const id of ['whole', 'fields', 'going', 'reset', 'back']) await first.set(id, taken(ofPeople));
  await first.set('code', { ...taken(ofPeople), status: 'error' });
  await first.update('code', 'code', '404');
  await first.update('fields', 'owner', 'ann');
  await first.set('nobody', taken({ rows: '1' }));
  await first.set('whole', { ...taken({ import_name: 'places' }), status: 'schema-created' }, 'schemas');
}

/** Strings under the callers' keys, some for good; among them what is no cache entry. */
export async function seedCache({ redis }: RawStores): Promise<void> {
  await redis.set('user:ann', '{"name": "Ann"}', { EX: 900 });
  await redis.set('users', '[]', { EX: 300 });
  await redis.set('schema:größe', '{"type": "object"}', { EX: 21_600 });
  await redis.set('for good', '');
  await redis.set('cs:of ours', 'kept');
  await redis.set('validation:task:as text', 'kept');
  await redis.rPush('a list of somebody', ['1', '2']);
}

export async function seedSchemas({ mongo }: RawStores): Promise<void> {
  const nestedReleases = [1, 2].map((at) => ({ schema: nestedSchema(at), created_at: `day ${at}` }));
  const properties = {
    id: { type: 'number', maximum: new Double(1) },
    on: { type: 'boolean', default: false },
  };
  const others = { ...typedSchema(3), properties };
  await mongo.collection<Document>('schemas').insertMany([
    people,
    { ...people, import_name: 'nested', active_schema: nestedSchema(3), schemas_releases: nestedReleases },
    { ...people, import_name: 'bare', schemas_releases: [typedSchema(1), typedSchema(2)] },
    {
      ...people,
      import_name: 'mixed',
      schemas_releases: [nestedSchema(1), { schema: typedSchema(2), created_at: 'day 2' }],
    },
    { ...people, import_name: 'first', schemas_releases: [] },
    { import_name: 'none', created_at: 'day 3', active_schema: typedSchema(3) },
    { ...people, import_name: 'others', active_schema: others, schemas_releases: [] },
    { ...people, import_name: 'going' },
  ]);
}

/** What the view of tasks keeps comes and goes. */
export function isOfView(key: string): boolean {
  return key.startsWith('cs:{p');
}

/** Everything on the server but the view and plain strings that a cache entry could be: type and content. */
export async function beside(redis: RedisClientType): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const key of (await redis.keys('*')).toSorted()) {
    if (isOfView(key)) continue;
    const type = await redis.type(key);
    if (type === 'hash') found.set(key, await redis.hGetAll(key));
    else if (type === 'set') found.set(key, (await redis.sMembers(key)).toSorted());
    else if (type === 'list') found.set(key, await redis.lRange(key, 0, -1));
    else if (key.includes(':task:') || key.startsWith('cs:')) found.set(key, await redis.get(key));
  }
  return found;
}
