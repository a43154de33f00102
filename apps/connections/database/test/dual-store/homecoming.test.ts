/** What a buffer becomes on the task as the ledger has it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldedTask } from '../../src/dual-store/folded-task.ts';
import { type Homecoming, homecoming } from '../../src/dual-store/homecoming.ts';
import type { Account } from '../../src/port/task-ledger.ts';
import type {
  BufferedOperation,
  RingEntry,
  TaskOperation,
  TaskRecord,
} from '../../src/port/task-operation.ts';
import type { WholeEntry } from '../../src/port/task-view.ts';
import type { Task } from '../../src/port/tasks.ts';

const ref = { namespace: 'default', category: 'c', id: 'i' };
const bounds = { now: 10_000, blindMaxAgeMs: 1_000 };
const principal = 'p';

function put(requestId: string, status = requestId, ifAbsent = false): TaskOperation {
  const state = { status, code: 0, message: '', data: new Map([[requestId, '1']]) };
  return { kind: 'put', requestId, principal, state, ifAbsent };
}

function patch(requestId: string): TaskOperation {
  const data = { replace: false, remove: [], set: new Map([[requestId, '1']]) };
  return { kind: 'patch', requestId, principal, patch: { data }, expectedRevision: undefined };
}

function remove(requestId: string): TaskOperation {
  return { kind: 'remove', requestId, principal };
}

/** A task that the operations made, each by its own commit. */
function committed(operations: readonly TaskOperation[], incarnation = 'life'): TaskRecord {
  let task: Task | undefined;
  const ring: RingEntry[] = [];
  for (const [index, operation] of operations.entries()) {
    task = foldedTask(ref, task, operation, { incarnation, revision: index + 1, now: 1 });
    ring.push({ revision: index + 1, requestId: operation.requestId });
  }
  assert.ok(task);
  return { task, ring };
}

/** An entry with a buffer on what was committed, or on nothing. */
function buffered(
  base: TaskRecord | undefined,
  operations: readonly TaskOperation[],
  at = bounds.now,
): WholeEntry {
  let task = base?.task;
  const waiting: BufferedOperation[] = operations.map((operation, index) => ({
    mark: `${operation.requestId}-${index}`,
    at,
    operation,
  }));
  for (const [index, operation] of operations.entries()) {
    const revision = (base?.task.revision ?? 0) + index + 1;
    task = foldedTask(ref, task, operation, { incarnation: 'life', revision, now: 1 });
  }
  return { base: base?.task, task, buffered: true, ring: base?.ring ?? [], operations: waiting };
}

function decide(entry: WholeEntry, record: TaskRecord | undefined, removal?: Account['removal']): Homecoming {
  return homecoming(ref, entry, { record, removal }, bounds);
}

function settlement(home: Homecoming) {
  assert.equal(home.outcome, 'SETTLE', JSON.stringify(home));
  return (home as Homecoming & { outcome: 'SETTLE' }).settlement;
}

function reason(home: Homecoming) {
  assert.equal(home.outcome, 'CONFLICT', JSON.stringify(home));
  return (home as Homecoming & { outcome: 'CONFLICT' }).reason;
}

describe('a buffer on the task that it was built on', () => {
  const base = committed([put('a')]);

  it('is settled as one change, each operation a revision', () => {
    const { on, task, operations } = settlement(decide(buffered(base, [patch('b'), patch('c')]), base));
    assert.deepEqual(on, { stamp: { incarnation: 'life', revision: 1 } });
    assert.equal(task?.revision, 3);
    assert.deepEqual([...(task?.data.keys() ?? [])], ['a', 'b', 'c']);
    assert.deepEqual(
      operations.map(({ requestId }) => requestId),
      ['b', 'c'],
    );
  });

  it('shows while it waits what it becomes', () => {
    const entry = buffered(base, [patch('b'), put('c'), patch('d')]);
    assert.deepEqual(settlement(decide(entry, base)).task?.data, entry.task?.data);
    assert.equal(settlement(decide(entry, base)).task?.revision, entry.task?.revision);
  });

  it('numbers the changes of status in it', () => {
    const { transitions } = settlement(
      decide(buffered(base, [put('b', 'x'), patch('c'), put('d', 'y')]), base),
    );
    assert.deepEqual(
      transitions.map(({ revision, status }) => [revision, status]),
      [
        [2, 'x'],
        [4, 'y'],
      ],
    );
  });

  it('removes it, and may put another one', () => {
    assert.equal(settlement(decide(buffered(base, [remove('b')]), base)).task, undefined);
    const again = settlement(decide(buffered(base, [remove('b'), put('c')]), base)).task;
    assert.deepEqual([...(again?.data.keys() ?? [])], ['c']);
  });

  it('is a conflict when another has written since', () => {
    const entry = buffered(base, [patch('b')]);
    assert.equal(reason(decide(entry, committed([put('a'), patch('x')]))), 'OVERTAKEN');
  });

  it('is a conflict when the task is gone, or another one', () => {
    const entry = buffered(base, [patch('b')]);
    assert.equal(reason(decide(entry, undefined, { id: 'r', requestId: 'x' })), 'REMOVED');
    assert.equal(reason(decide(entry, undefined)), 'REMOVED');
    assert.equal(reason(decide(entry, committed([put('x')], 'another'))), 'REMOVED');
  });

  it('is noted where it removes what is gone, and bears nothing that was buffered after it', () => {
    const removal = { id: 'r', requestId: 'x' };
    const home = settlement(decide(buffered(base, [remove('b')]), undefined, removal));
    assert.deepEqual([home.on, home.task], [{ removal: 'r' }, undefined]);
    const noted = { id: 's', ...home.operations[0], requestId: 'b' };
    assert.equal(decide(buffered(base, [remove('b')]), undefined, noted).outcome, 'DONE');
    assert.equal(reason(decide(buffered(base, [remove('b'), put('c')]), undefined, noted)), 'REMOVED');
    const both = buffered(base, [remove('b'), put('c'), remove('d')]);
    assert.equal(settlement(decide(both, undefined, noted)).task, undefined);
  });

  it('is a conflict when what it asks does not fit', () => {
    const exact = { ...patch('b'), expectedRevision: 7 } as TaskOperation;
    const entry = { ...buffered(base, [patch('b')]), operations: [{ mark: 'm', at: 1, operation: exact }] };
    assert.equal(reason(decide(entry, base)), 'UNFIT');
  });
});

describe('a commit whose answer was lost', () => {
  const base = committed([put('a')]);

  it('is found in the ring, and nothing is left to do', () => {
    assert.equal(decide(buffered(base, [patch('b')]), committed([put('a'), patch('b')])).outcome, 'DONE');
  });

  it('is found there also when others have written since', () => {
    const since = committed([put('a'), patch('b'), patch('x')]);
    assert.equal(decide(buffered(base, [patch('b')]), since).outcome, 'DONE');
  });

  it('carries what was buffered after it', () => {
    const entry = buffered(base, [patch('b'), patch('c')]);
    const { on, operations } = settlement(decide(entry, committed([put('a'), patch('b')])));
    assert.deepEqual(on, { stamp: { incarnation: 'life', revision: 2 } });
    assert.deepEqual(
      operations.map(({ requestId }) => requestId),
      ['c'],
    );
  });

  it('leaves to a conflict only what did not take effect', () => {
    const entry = buffered(base, [patch('b'), patch('c')]);
    const home = decide(entry, committed([put('a'), patch('b'), patch('x')]));
    assert.equal(reason(home), 'OVERTAKEN');
    const { operations } = home as Homecoming & { outcome: 'CONFLICT' };
    assert.deepEqual(
      operations.map(({ operation }) => operation.requestId),
      ['c'],
    );
  });

  it('stands for all before it where it was a put or a removal', () => {
    const entry = buffered(base, [patch('b'), put('c')]);
    assert.equal(decide(entry, committed([put('a'), patch('x'), put('c')])).outcome, 'DONE');
    const removed = buffered(base, [patch('b'), remove('c')]);
    assert.equal(decide(removed, undefined, { id: 'r', requestId: 'c' }).outcome, 'DONE');
  });

  it('of a removal carries a put that was buffered after it', () => {
    const entry = buffered(base, [remove('b'), put('c')]);
    const { on, task } = settlement(decide(entry, undefined, { id: 'r', requestId: 'b' }));
    assert.deepEqual(on, { removal: 'r' });
    assert.equal(task?.status, 'c');
  });

  it('has no second effect where another of the buffer came before it', () => {
    const entry = buffered(undefined, [put('a'), patch('b')]);
    const home = decide(entry, committed([put('a'), patch('b')]));
    assert.equal(home.outcome, 'DONE');
  });
});

describe('a buffer that came home in part', () => {
  const base = committed([put('a')]);
  const entry = buffered(base, [patch('b'), patch('c'), patch('d')]);

  it('goes on where it was, by its marks', () => {
    const after = committed([put('a'), patch('b'), patch('c')]);
    const ring = after.ring.map((made) => (made.requestId === 'c' ? { ...made, mark: 'c-1' } : made));
    const { operations } = settlement(decide(entry, { ...after, ring: ring.slice(2) }));
    assert.deepEqual(
      operations.map(({ requestId }) => requestId),
      ['d'],
    );
  });

  it('is a conflict where the view fell back and another operation took the place', () => {
    const after = committed([put('a'), patch('b'), patch('old')]);
    const ring = after.ring.map((made) => ({ ...made, mark: made.requestId === 'b' ? 'b-0' : 'lost' }));
    assert.equal(reason(decide(entry, { ...after, ring })), 'OVERTAKEN');
  });
});

describe('a put that did not know the task', () => {
  const entry = buffered(undefined, [put('a'), patch('b')]);

  it('creates it where there is none and none was removed', () => {
    const { on, task } = settlement(decide(entry, undefined));
    assert.deepEqual(on, { removal: undefined });
    assert.equal(task?.revision, 2);
  });

  it('is a conflict where there is one, was one, or too much time has passed', () => {
    assert.equal(reason(decide(entry, committed([put('x')]))), 'BLIND');
    assert.equal(reason(decide(entry, undefined, { id: 'r', requestId: 'x' })), 'BLIND');
    const old = buffered(undefined, [put('a')], bounds.now - bounds.blindMaxAgeMs - 1);
    assert.equal(reason(decide(old, undefined)), 'OLD');
  });

  it('is only noted where the task is what it would make of it', () => {
    const equal = committed([put('x', 'same')]);
    const twin = buffered(undefined, [{ ...put('a'), state: equal.task } as TaskOperation]);
    const { task, operations } = settlement(decide(twin, equal));
    assert.deepEqual({ ...task, revision: 1 }, equal.task);
    assert.equal(task?.revision, 2);
    assert.deepEqual(
      operations.map(({ requestId }) => requestId),
      ['a'],
    );
  });

  it('leaves a removal where it was removed again', () => {
    const gone = buffered(undefined, [put('a'), remove('b')]);
    assert.equal(settlement(decide(gone, undefined, { id: 'r', requestId: 'x' })).task, undefined);
  });

  it('bears nothing that was buffered after it where it was only noted', () => {
    const equal = committed([put('x', 'same')]);
    const twin = { ...put('a'), state: equal.task } as TaskOperation;
    const [mark] = settlement(decide(buffered(undefined, [twin]), equal)).operations;
    assert.ok(mark);
    const ring = [...equal.ring, { revision: 2, ...mark }];
    const noted = { task: { ...equal.task, revision: 2 }, ring };
    assert.equal(decide(buffered(undefined, [twin]), noted).outcome, 'DONE');
    assert.equal(reason(decide(buffered(undefined, [twin, patch('b')]), noted)), 'BLIND');
  });
});
