/** Conflicts on MongoDB: each once, whole whatever is in it, and gone when it is dropped. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually, mongoMissing } from '@connections/testing';
import fc from 'fast-check';
import type { Conflict } from '../src/port/task-conflicts.ts';
import type { BufferedOperation, TaskOperation } from '../src/port/task-operation.ts';
import { openLedger, openLedgerFor, patient, refTo, taskTo } from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const conflictOf = (id: string, change: Partial<Conflict> = {}): Conflict => ({
  id,
  ref: refTo('t'),
  reason: 'OVERTAKEN',
  at: 1_758_000_000_000,
  base: { incarnation: 'x', revision: 3 },
  operations: [{ mark: id, at: 5, operation: { kind: 'remove', requestId: 'r', principal: 'ann' } }],
  shown: undefined,
  standing: { incarnation: 'x', revision: 4 },
  ...change,
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '$id', 'a.b', 'nul\0', '__proto__', '$where'),
);
const texts = fc.array(fc.tuple(text, text), { maxLength: 3 }).map((pairs) => new Map(pairs));
const asked = { requestId: text, principal: text };
const code = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const operation: fc.Arbitrary<TaskOperation> = fc.oneof(
  fc.record({
    ...asked,
    kind: fc.constant('put' as const),
    state: fc.record({ status: text, code, message: text, data: texts }),
    ifAbsent: fc.boolean(),
  }),
  fc.record({
    ...asked,
    kind: fc.constant('patch' as const),
    patch: fc.record(
      {
        ...{ status: text, code, message: text, fields: texts },
        data: fc.record({ replace: fc.boolean(), remove: fc.array(text, { maxLength: 2 }), set: texts }),
      },
      { requiredKeys: [] },
    ),
    expectedRevision: fc.option(fc.nat(), { nil: undefined }),
  }),
  fc.record({ ...asked, kind: fc.constant('remove' as const) }),
);
const stamp = fc.option(fc.record({ incarnation: text, revision: fc.nat() }), { nil: undefined });
const anyConflict = fc.record({
  operations: fc.array(fc.record({ mark: text, at: fc.nat(), operation }), { maxLength: 4 }),
  shown: fc.option(
    fc.record({ data: texts, fields: texts, message: text }).map((change) => taskTo(refTo('t'), change)),
    {
      nil: undefined,
    },
  ),
  base: stamp,
  standing: stamp,
});

describe('conflicts on MongoDB', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const open = async (context: TestContext) => {
    const opened = await openLedgerFor(context, await server());
    const { conflicts } = opened.ledger;
    const listed = async (limit: number) => {
      const ids: string[][] = [];
      let after: string | undefined;
      do {
        const page = await conflicts.list({ after, limit }, patient);
        ids.push(page.conflicts.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      return ids;
    };
    return { ...opened, conflicts, listed };
  };

  it('come back as they were, whatever their texts are', async (context) => {
    const { conflicts } = await open(context);
    let made = 0;
    await fc.assert(
      fc.asyncProperty(anyConflict, async (change) => {
        const conflict = structuredClone(conflictOf(`c${++made}`, change));
        await conflicts.add(conflict, patient);
        assert.deepEqual(await conflicts.get(conflict.id, patient), conflict);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 10_000 },
    );
  });

  it('are added once for each id, by however many at once', async (context) => {
    const { conflicts, listed, url } = await open(context);
    await using other = await openLedger(url);
    const first = conflictOf('c');
    await conflicts.add(first, patient);
    const others = [conflicts, other.ledger.conflicts].flatMap((each) => [each, each]);
    await Promise.all(others.map((each) => each.add(conflictOf('c', { reason: 'UNFIT' }), patient)));
    await Promise.all(others.map((each) => each.add(conflictOf('d'), patient)));
    assert.deepEqual(await conflicts.get('c', patient), first);
    assert.deepEqual(await listed(10), [['d', 'c']]);
  });

  it('are listed page by page, the newest first, each once', async (context) => {
    const { conflicts, listed } = await open(context);
    for (const [at, id] of ['a', 'b', 'c.1', 'd', 'e'].entries()) {
      await conflicts.add(conflictOf(id, { at: 1_000 + Math.floor(at / 2) }), patient);
    }
    assert.deepEqual(await listed(2), [['e', 'd'], ['c.1', 'b'], ['a']]);
    assert.deepEqual(await listed(5), [['e', 'd', 'c.1', 'b', 'a']]);
    const wrong = conflicts.list({ after: 'no cursor', limit: 1 }, patient);
    await assert.rejects(wrong, { reason: 'PAGE_TOKEN_INVALID' });
  });

  it('go when they are dropped, once', async (context) => {
    const { conflicts, listed } = await open(context);
    await conflicts.add(conflictOf('c'), patient);
    assert.deepEqual([await conflicts.drop('c', patient), await conflicts.drop('c', patient)], [true, false]);
    assert.equal(await conflicts.get('c', patient), undefined);
    assert.deepEqual(await listed(2), [[]]);
  });

  it('are whole when they are larger than a document may be, and leave nothing behind', async (context) => {
    const { conflicts, listed, db, url } = await open(context);
    await using other = await openLedger(url);
    const message = 'x'.repeat(1_048_000);
    const operations = Array.from({ length: 20 }, (_, at): BufferedOperation => {
      const state = { status: 's', code: 0, message, data: new Map() };
      return {
        mark: `m${at}`,
        at,
        operation: { kind: 'put', requestId: `r${at}`, principal: 'ann', state, ifAbsent: false },
      };
    });
    const large = conflictOf('large', { operations, shown: taskTo(refTo('t'), { message }) });
    await Promise.all([conflicts, other.ledger.conflicts, conflicts].map((each) => each.add(large, patient)));
    const stored = db.collection('tasks_conflicts');
    await eventually(async () => assert.equal(await stored.countDocuments(), 4));
    assert.deepEqual(await conflicts.get('large', patient), large);
    await conflicts.add(conflictOf('small', { at: 1 }), patient);
    assert.deepEqual(await listed(10), [['large'], ['small']], 'a page has a bound in bytes');
    await conflicts.drop('large', patient);
    assert.equal(await stored.countDocuments(), 1);
  });

  it('have an index', async (context) => {
    const { db } = await open(context);
    const indexes = await db.collection('tasks_conflicts').indexes();
    assert.ok(indexes.some(({ name }) => name === 'cs_conflicts'));
  });
});
