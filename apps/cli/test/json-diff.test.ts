/** The structural diff of JSON documents. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Json, type JsonChange, jsonDiff } from '../src/json-diff.ts';

/** The documented way from the old document to the new one. */
function applied(before: Json, changes: readonly JsonChange[]): Json {
  const root: { value: unknown } = { value: structuredClone(before) };
  for (const change of changes) {
    if (change.kind !== 'changed') continue;
    if (change.path === '') root.value = change.new;
    else at(root.value, change.path, (parent, step) => set(parent, step, change.new));
  }
  for (const change of [...changes].reverse()) {
    if (change.kind !== 'removed') continue;
    at(root.value, change.path, (parent, step) => {
      if (Array.isArray(parent)) parent.splice(Number(step), 1);
      else delete parent[step];
    });
  }
  for (const change of changes) {
    if (change.kind !== 'added') continue;
    at(root.value, change.path, (parent, step) => {
      if (Array.isArray(parent)) parent.splice(Number(step), 0, change.new);
      else set(parent, step, change.new);
    });
  }
  return root.value as Json;
}

type Container = Record<string, unknown>;

function at(root: unknown, path: string, use: (parent: Container, step: string) => void): void {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let parent = root as Container;
  for (const step of steps) {
    assert.ok(Object.hasOwn(parent, step), `${path} leads nowhere`);
    parent = parent[step] as Container;
  }
  use(parent, last);
}

function set(parent: Container, step: string, value: unknown): void {
  Object.defineProperty(parent, step, { value, enumerable: true, configurable: true, writable: true });
}

/** Names in order, so that texts are equal exactly when contents are. */
function sorted(value: Json): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? { members: Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)) }
      : item,
  );
}

/** Few names and values, so that two documents have much in common. */
const document = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 0, 1, '', 'a', 'b'),
    fc.array(tie('value'), { maxLength: 6 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', '/', '~', '~1', '', '0', '__proto__'), tie('value')))
      .map((members) => {
        const object = {};
        for (const [name, value] of members) set(object, name, value);
        return object;
      }),
  ),
})).value;

describe('the diff of two JSON documents', () => {
  it('makes the new document of the old one', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        assert.equal(sorted(applied(before, jsonDiff(before, after))), sorted(after));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is empty exactly when the documents are equal', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        assert.equal(jsonDiff(before, after).length === 0, sorted(before) === sorted(after));
        assert.deepEqual(jsonDiff(after, structuredClone(after)), []);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes nothing of the order of names', () => {
    assert.deepEqual(jsonDiff({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }), []);
  });

  it('names what was added, removed and changed by pointer, with the values', () => {
    const before = { type: 'object', properties: { 'a/b': { type: 'string' }, age: { minimum: 0 } } };
    const after = { properties: { age: { minimum: 18 }, email: {} }, type: 'object' };
    assert.deepEqual(jsonDiff(before, after), [
      { kind: 'removed', path: '/properties/a~1b', old: { type: 'string' } },
      { kind: 'changed', path: '/properties/age/minimum', old: 0, new: 18 },
      { kind: 'added', path: '/properties/email', new: {} },
    ]);
  });

  it('finds an item that was put in front of others', () => {
    assert.deepEqual(jsonDiff({ required: ['a', 'b', 'c'] }, { required: ['z', 'a', 'b', 'c'] }), [
      { kind: 'added', path: '/required/0', new: 'z' },
    ]);
  });

  it('finds what changed inside an item that moved', () => {
    const before = [{ const: 1 }, { type: 'string', minLength: 1 }];
    const after = [{ const: 0 }, { const: 1 }, { type: 'string', minLength: 2 }];
    assert.deepEqual(jsonDiff(before, after), [
      { kind: 'added', path: '/0', new: { const: 0 } },
      { kind: 'changed', path: '/1/minLength', old: 1, new: 2 },
    ]);
  });

  it('tells a list from an object, and null from absence', () => {
    assert.deepEqual(jsonDiff([], {}), [{ kind: 'changed', path: '', old: [], new: {} }]);
    assert.deepEqual(jsonDiff({ a: null }, {}), [{ kind: 'removed', path: '/a', old: null }]);
  });

  it('stays quick on long lists that have nothing in common', () => {
    const before = Array.from({ length: 20_000 }, (_, index) => index);
    const started = performance.now();
    assert.equal(
      jsonDiff(
        before,
        before.map((item) => item + 0.5),
      ).length,
      20_000,
    );
    assert.ok(performance.now() - started < 2_000);
  });
});
