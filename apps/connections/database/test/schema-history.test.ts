/** What changes make of the versions of a schema. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '@connections/runtime';
import { begunHistory, extendedHistory, revertedTo, shortenedHistory } from '../src/domain/schema-history.ts';

const candidate = (fingerprint: string) => ({
  document: `{"title":"${fingerprint}"}`,
  fingerprint,
  author: 'ann',
  note: 'first',
  createdAt: 1,
  statedAt: 'then',
});

describe('a history', () => {
  it('gives every new content the next number', () => {
    const one = begunHistory(candidate('a'));
    const two = extendedHistory(one, 'people', candidate('b'));
    const same = extendedHistory(two.history, 'people', { ...candidate('b'), author: 'bob' });
    assert.deepEqual([one.active.version, two.outcome, two.history.active.version], [1, 'updated', 2]);
    assert.deepEqual([same.outcome, same.history], ['unchanged', two.history]);
  });

  it('does not give the number of a removed version again', () => {
    const one = begunHistory(candidate('a'));
    const two = extendedHistory(one, 'people', candidate('b')).history;
    const back = shortenedHistory(two, one.active);
    assert.deepEqual([back.active.version, back.versions], [1, 1]);
    assert.equal(extendedHistory(back, 'people', candidate('c')).history.active.version, 3);
  });

  it('holds no more versions than the limit, and more once some were removed', () => {
    const full = { ...begunHistory(candidate('a')), versions: limits.schemaVersions, lastVersion: 5_000 };
    assert.throws(() => extendedHistory(full, 'people', candidate('b')), {
      reason: 'TOO_MANY_SCHEMA_VERSIONS',
    });
    assert.equal(extendedHistory(full, 'people', candidate('a')).outcome, 'unchanged');
    const room = shortenedHistory(full, full.active);
    assert.equal(extendedHistory(room, 'people', candidate('b')).history.active.version, 5_001);
  });

  it('is reverted by the content of an earlier version under the stamp of now', () => {
    const { active } = begunHistory(candidate('a'));
    assert.deepEqual(revertedTo(active, { author: 'rita', note: 'back', createdAt: 9 }), {
      ...candidate('a'),
      author: 'rita',
      note: 'back',
      createdAt: 9,
      statedAt: undefined,
    });
  });
});
