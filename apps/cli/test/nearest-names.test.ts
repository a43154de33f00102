/** Which names are offered for one that does not exist. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { didYouMean, nearestNames } from '../src/reflection/nearest-names.ts';

const names = [
  'a.v1.CacheService/Get',
  'a.v1.CacheService/Set',
  'a.v1.TaskService/Get',
  'a.v1.TaskService/Patch',
];

describe('nearest names', () => {
  it('forgive letters that are left out, added, wrong, swapped or of the other case', () => {
    for (const typed of [
      'a.v1.CacheServce/Get',
      'a.v1.CacheServicee/Get',
      'A.V1.cacheservice/get',
      'a.v1.CahceService/Get',
    ]) {
      assert.deepEqual(nearestNames(typed, names), ['a.v1.CacheService/Get'], typed);
    }
  });

  it('are found by their end alone', () => {
    assert.deepEqual(nearestNames('TaskService/Patch', names), ['a.v1.TaskService/Patch']);
    assert.deepEqual(nearestNames('patc', names), ['a.v1.TaskService/Patch']);
  });

  it('are offered together when they are equally near', () => {
    assert.equal(didYouMean('Get', names), 'did you mean a.v1.CacheService/Get or a.v1.TaskService/Get?');
  });

  it('are none where nothing is near', () => {
    assert.equal(didYouMean('zzz', names), undefined);
    assert.equal(didYouMean('', names), undefined);
  });
});
