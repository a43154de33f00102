/** Hashes of the first implementation as tasks. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { legacyRef, legacyTask } from '../src/domain/legacy-task.ts';
import { seed } from './legacy-seeds.ts';

const read = (change: Readonly<Record<string, string>> = {}) =>
  legacyTask(new Map(Object.entries(seed(change))));

it('a key names a task by what stands around the first mark', () => {
  const named = (key: string) => {
    const { category, id } = legacyRef(key) ?? {};
    return [category, id];
  };
  assert.deepEqual(named('validation:task:1'), ['validation', '1']);
  assert.deepEqual(named('a:b:task:c\n:task:d'), ['a:b', 'c\n:task:d']);
  for (const none of [':task:1', 'validation:task:', 'validation:tasks:1', '']) {
    assert.equal(legacyRef(none), undefined, none);
  }
});

it('a hash is a task when it has all of a state', () => {
  assert.deepEqual(read({ code: '-7', owner: 'ann', __proto: 'x' }), {
    state: {
      ...{ status: 'accepted', code: -7, message: 'taken' },
      data: new Map([
        ['import_name', 'people'],
        ['rows', '7'],
      ]),
    },
    fields: new Map([
      ['owner', 'ann'],
      ['__proto', 'x'],
    ]),
  });
  for (const name of ['status', 'code', 'message', 'data']) {
    const part = new Map(Object.entries(seed()));
    part.delete(name);
    assert.equal(legacyTask(part), `it has no ${name}`);
  }
});

it('what is no text in the data is told as the service tells it of MongoDB', () => {
  const task = read({ data: '{"n": 1.50, "o": {"b": [true]}, "z": null, "__proto__": "p", "t": "\\u0000"}' });
  assert.ok(typeof task !== 'string');
  assert.deepEqual(
    [...task.state.data],
    [
      ['n', '1.50'],
      ['o', '{"b":[true]}'],
      ['z', ''],
      ['__proto__', 'p'],
      ['t', '\0'],
    ],
  );
});

it('anything else says what it is not', () => {
  for (const code of ['', '1.5', 'soon', ' 1']) assert.equal(read({ code }), 'its code is no number');
  for (const data of ['', 'null', '"a"', '[]', '{', '{}{}']) {
    assert.equal(read({ data }), 'its data is no JSON object', data);
  }
  assert.equal(read({ data: `${'['.repeat(100_000)}` }), 'its data nests too deep');
  for (const data of ['{"a": "\\ud800"}', '{"\\udc00": ""}']) {
    assert.equal(read({ data }), 'its data is no text that UTF-8 can hold', data);
  }
});
