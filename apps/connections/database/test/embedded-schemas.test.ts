/** What the embedded schema registry promises beyond the contract: flat costs, remembered requests. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { EmbeddedSchemas } from '../src/driver/embedded/embedded-schemas.ts';
import { openWatchedStore } from './watched-store.ts';

const { signal } = new AbortController();
const ref = { namespace: 'n', name: 'people' };
const candidate = (content: number) => ({
  document: `{"maximum":${content}}`,
  fingerprint: `f${content}`,
  author: 'ann',
  note: '',
  createdAt: 1,
  statedAt: undefined,
});
const options = (requestId?: string) => ({ mustExist: false, requestId });
const stamp = { author: 'rita', note: '', createdAt: 2 };

async function openSchemas(context: TestContext) {
  const store = await openWatchedStore(context);
  return { store, schemas: new EmbeddedSchemas(store) };
}

describe('the embedded schema registry', () => {
  it('registers, finds and reverts at the same cost however many versions and names there are', async (context) => {
    const { store, schemas } = await openSchemas(context);
    const costs: number[] = [];
    let content = 0;
    for (let round = 0; round < 3; round++) {
      for (let more = 0; more < 100; more++) {
        await schemas.register(ref, candidate(content++), options(), signal);
        await schemas.register({ ...ref, name: `other${content}` }, candidate(1), options(), signal);
      }
      store.takeReads();
      await schemas.register(ref, candidate(content++), options(), signal);
      await schemas.find(ref, { by: 'active' }, signal);
      await schemas.find(ref, { by: 'version', version: 3 }, signal);
      await schemas.find(ref, { by: 'fingerprint', fingerprint: 'f7' }, signal);
      await schemas.versions(ref, { after: 5, limit: 10 }, signal);
      await schemas.revert(ref, 2, stamp, undefined, signal);
      await schemas.remove(ref, 'active', undefined, signal);
      await schemas.list('n', { prefix: 'p', after: undefined, limit: 10 }, signal);
      await schemas.count('n', signal);
      costs.push(store.takeReads());
    }
    assert.deepEqual(costs, [costs[0], costs[0], costs[0]]);
  });

  it('gives a name an id like those of MongoDB', async (context) => {
    const { schemas } = await openSchemas(context);
    const { record } = await schemas.register(ref, candidate(1), options(), signal);
    assert.match(record.id, /^[0-9a-f]{24}$/);
  });

  it('answers a repeated change as it did first, whatever came between', async (context) => {
    const { schemas } = await openSchemas(context);
    await schemas.register(ref, candidate(1), options('r1'), signal);
    await schemas.register(ref, candidate(1), options('r2'), signal);
    await schemas.register(ref, candidate(2), options('r3'), signal);
    const reverted = await schemas.revert(ref, 1, stamp, 'r4', signal);
    const removed = await schemas.remove(ref, 'active', 'r5', signal);
    await schemas.register(ref, candidate(5), options('r6'), signal);
    const again = async (requestId: string) => {
      const { outcome, record } = await schemas.register(ref, candidate(9), options(requestId), signal);
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
    assert.deepEqual(await schemas.remove(ref, 'active', 'r5', signal), removed);
    assert.equal((await schemas.find(ref, { by: 'active' }, signal))?.version.version, 4);
  });

  it('answers a repeated removal of a name as it did first and leaves the name registered since', async (context) => {
    const { schemas } = await openSchemas(context);
    const remove = async (requestId: string) =>
      (await schemas.remove(ref, 'all', requestId, signal))?.outcome;
    assert.equal(await remove('r0'), undefined);
    await schemas.register(ref, candidate(1), options(), signal);
    assert.deepEqual([await remove('r0'), await remove('r1')], [undefined, 'deleted']);
    await schemas.register(ref, candidate(2), options(), signal);
    assert.deepEqual([await remove('r0'), await remove('r1')], [undefined, 'deleted']);
    assert.equal(await schemas.count('n', signal), 1);
    assert.equal(await remove('r2'), 'deleted');
    assert.equal(await schemas.count('n', signal), 0);
  });

  it('leaves nothing of a removed name behind', async (context) => {
    const { store, schemas } = await openSchemas(context);
    for (let content = 0; content < 5; content++)
      await schemas.register(ref, candidate(content), options(), signal);
    await schemas.remove(ref, 'active', undefined, signal);
    await schemas.remove(ref, 'all', undefined, signal);
    for (const name of ['schemas', 'schema-versions', 'schema-fingerprints', 'schema-counts']) {
      assert.deepEqual([...store.table(name).keys({})], [], name);
    }
  });
});
