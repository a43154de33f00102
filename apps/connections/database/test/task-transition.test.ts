/** What a write makes of a task. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '@connections/runtime';
import fc from 'fast-check';
import { createdTask, patchedTask, replacedTask, transitionOf } from '../src/domain/task-transition.ts';
import type { TaskPatch, TaskState } from '../src/port/tasks.ts';

const ref = { namespace: 'n', category: 'c', id: 'i' };

function task(state: Partial<TaskState> = {}) {
  const whole = { status: 'accepted', code: 202, message: '', data: new Map<string, string>(), ...state };
  return createdTask(ref, whole, { incarnation: 'life', now: 1_000 });
}

const keys = ['a', 'b', '__proto__', 'constructor', 'import_name'];
const key = fc.constantFrom(...keys);
const map = fc.array(fc.tuple(key, fc.string({ maxLength: 3 }))).map((entries) => new Map(entries));
const data = fc.record({ replace: fc.boolean(), remove: fc.array(key), set: map });

describe('a patch', () => {
  it('merges data as removing, then setting each key does', () => {
    fc.assert(
      fc.property(map, data, (before, change) => {
        const after = patchedTask(task({ data: before }), { data: change }, 1_000).data;
        for (const name of keys) {
          const kept = change.replace || change.remove.includes(name) ? undefined : before.get(name);
          assert.equal(after.get(name), change.set.has(name) ? change.set.get(name) : kept);
        }
      }),
    );
  });

  it('leaves what it was made from as it was', () => {
    fc.assert(
      fc.property(map, data, (before, change) => {
        const original = task({ data: before });
        const copy = structuredClone(original);
        patchedTask(original, { status: 'other', data: change, fields: before }, 2_000);
        assert.deepEqual(original, copy);
      }),
    );
  });

  it('takes the import name from the data it leaves, default where that has none', () => {
    const named = task({ data: new Map([['import_name', 'people']]) });
    const patch = (remove: string[], set: [string, string][]): TaskPatch => ({
      data: { replace: false, remove, set: new Map(set) },
    });
    assert.equal(patchedTask(named, { status: 's' }, 1).importName, 'people');
    assert.equal(patchedTask(named, patch([], [['import_name', 'places']]), 1).importName, 'places');
    assert.equal(patchedTask(named, patch(['import_name'], []), 1).importName, 'default');
    assert.equal(patchedTask(named, patch([], [['import_name', '']]), 1).importName, 'default');
  });

  it('that would make the task outgrow its bounds is INVALID_ARGUMENT', () => {
    const half = 'x'.repeat(limits.taskBytes / 2);
    const set = (entries: [string, string][]) => ({ replace: false, remove: [], set: new Map(entries) });
    const large = task({ message: half });
    const invalid = { status: 'INVALID_ARGUMENT' };
    patchedTask(large, { data: set([['k', half.slice(1)]]) }, 1);
    assert.throws(() => patchedTask(large, { data: set([['k', half]]) }, 1), invalid);
    const entries = Array.from({ length: limits.taskDataKeys }, (_, index): [string, string] => [
      `k${index}`,
      '',
    ]);
    const many = task({ data: new Map(entries) });
    patchedTask(many, { data: set([['k0', 'again']]) }, 1);
    assert.throws(() => patchedTask(many, { data: set([['one more', '']]) }, 1), invalid);
    const field = patchedTask(large, { fields: new Map([['f', half]]) }, 1);
    assert.throws(() => patchedTask(field, { fields: new Map([['g', half]]) }, 1), invalid);
  });
});

describe('every write', () => {
  it('counts one revision and never moves the update time back', () => {
    const first = task();
    const second = patchedTask(first, { code: 1 }, 500);
    const third = replacedTask(second, { ...first, status: 'done' }, 3_000);
    assert.deepEqual(
      [first, second, third].map(({ revision, createdAt, updatedAt }) => [revision, createdAt, updatedAt]),
      [
        [1, 1_000, 1_000],
        [2, 1_000, 1_000],
        [3, 1_000, 3_000],
      ],
    );
  });
});

describe('a transition', () => {
  it('is made by a new status only', () => {
    const before = task();
    assert.equal(transitionOf(before, patchedTask(before, { message: 'm' }, 1), 'ann'), undefined);
    const after = patchedTask(before, { status: 'done', message: 'm' }, 2_000);
    const expected = { revision: 2, at: 2_000, status: 'done', code: 202, message: 'm', principal: 'ann' };
    assert.deepEqual(transitionOf(before, after, 'ann'), expected);
    assert.equal(transitionOf(undefined, before, 'ann')?.revision, 1);
  });

  it('has the beginning of a long message, cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', minLength: 300, maxLength: 1_200 }), (message) => {
        const kept = transitionOf(undefined, task({ message }), 'ann')?.message ?? 'none';
        assert.ok(message.startsWith(kept) && Buffer.from(kept).toString() === kept);
        const bytes = Buffer.byteLength(kept);
        assert.ok(
          kept === message
            ? bytes <= limits.noteBytes
            : bytes > limits.noteBytes - 4 && bytes <= limits.noteBytes,
        );
      }),
    );
  });
});
