/** What callers are told while one of the two stores is away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasReason } from '@connections/runtime/errors';
import type { DualEvent } from '../../src/dual-store/dual-stores.ts';
import type { Conflict } from '../../src/port/task-conflicts.ts';
import type { Task } from '../../src/port/tasks.ts';
import { ConflictsService } from '../../src/service/conflicts-service.ts';
import { modelBounds } from './model-bounds.ts';
import { ModelledProcess, type ModelledProcessOptions } from './modelled-process.ts';

const ref = { namespace: 'default', category: 'c', id: 'a' };
const signal = new AbortController().signal;
const state = { status: 's', code: 0, message: '', data: new Map<string, string>() };
const plainly = { token: undefined, strong: false };

function write(requestId: string) {
  return { requestId, principal: 'p', allowBuffered: true, ifAbsent: false };
}

const unreachable = (error: unknown) => hasReason(error, 'STORE_UNREACHABLE');

const hasNone = (error: unknown) => hasReason(error, 'CONFLICT_NOT_FOUND');

function conflictsOf({ tasks }: ModelledProcess): ConflictsService {
  return new ConflictsService({ conflicts: tasks.conflicts, tasks });
}

async function withoutLedger(options: ModelledProcessOptions = {}): Promise<ModelledProcess> {
  const process = new ModelledProcess(options);
  await process.rest();
  process.ledgerUp = false;
  return process;
}

describe('while the ledger is away', () => {
  it('a task that the view does not know is neither found nor not found', async () => {
    const process = await withoutLedger();
    await assert.rejects(process.done(process.tasks.get(ref, plainly, signal)), unreachable);
  });

  it('a task that the view knows is read unconfirmed', async () => {
    const process = new ModelledProcess();
    await process.rest();
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    await process.done(process.tasks.get(ref, plainly, signal));
    assert.equal((await process.done(process.tasks.get(ref, plainly, signal))).source, 'VIEW');
    process.ledgerUp = false;
    assert.equal((await process.done(process.tasks.get(ref, plainly, signal))).source, 'VIEW_UNCONFIRMED');
  });

  it('a read that must be exact is refused', async () => {
    const process = await withoutLedger();
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    const read = process.done(process.tasks.get(ref, { token: undefined, strong: true }, signal));
    await assert.rejects(read, unreachable);
  });

  it('a patch or a removal of a task that the view does not know is refused', async () => {
    const process = await withoutLedger();
    const options = { ...write('x'), expectedRevision: undefined };
    await assert.rejects(
      process.done(process.tasks.patch(ref, { status: 't' }, options, signal)),
      unreachable,
    );
    await assert.rejects(process.done(process.tasks.remove(ref, write('y'), signal)), unreachable);
  });

  it('a write that may not be buffered is refused', async () => {
    const process = await withoutLedger();
    const options = { ...write('x'), allowBuffered: false };
    await assert.rejects(process.done(process.tasks.put(ref, state, options, signal)), unreachable);
  });

  it('a buffered write is read with its token, and a buffered removal is found to be one', async () => {
    const process = await withoutLedger();
    const { token, task } = await process.done(process.tasks.put(ref, state, write('x'), signal));
    const read = await process.done(process.tasks.get(ref, { token, strong: false }, signal));
    assert.deepEqual(read, { task, source: 'VIEW_UNCONFIRMED', token });
    const removed = await process.done(process.tasks.remove(ref, write('y'), signal));
    assert.deepEqual([removed.removed, removed.durability], [true, 'BUFFERED']);
    const gone = await process.done(process.tasks.get(ref, { token: removed.token, strong: false }, signal));
    assert.equal(gone.task, undefined);
  });

  it('the token of a buffered write holds after it came home', async () => {
    const process = await withoutLedger();
    const { token } = await process.done(process.tasks.put(ref, state, write('x'), signal));
    process.ledgerUp = true;
    await process.rest();
    const read = await process.done(process.tasks.get(ref, { token, strong: false }, signal));
    assert.deepEqual([read.source, read.task?.revision], ['AUTHORITY', 1]);
  });

  it('what a task may become is decided on what the view shows of it', async () => {
    const process = await withoutLedger();
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    const again = process.done(process.tasks.put(ref, state, { ...write('y'), ifAbsent: true }, signal));
    await assert.rejects(again, { status: 'ALREADY_EXISTS' });
    const wrong = { ...write('z'), expectedRevision: 5 };
    await assert.rejects(process.done(process.tasks.patch(ref, { status: 't' }, wrong, signal)), {
      status: 'ABORTED',
    });
    const right = { ...write('z'), expectedRevision: 1 };
    const patched = await process.done(process.tasks.patch(ref, { status: 't' }, right, signal));
    assert.deepEqual([patched.task.revision, patched.created], [2, false]);
  });

  it('a task takes a bounded number of writes', async () => {
    const process = await withoutLedger();
    for (let time = 0; time < modelBounds.operationsPerTask; time++) {
      await process.done(process.tasks.put(ref, state, write(`w${time}`), signal));
    }
    const more = process.done(process.tasks.put(ref, state, write('more'), signal));
    await assert.rejects(more, (error) => hasReason(error, 'STORE_FULL'));
  });

  it('the same request again has one effect', async () => {
    const process = await withoutLedger();
    const first = await process.done(process.tasks.put(ref, state, write('x'), signal));
    const second = await process.done(process.tasks.put(ref, state, write('x'), signal));
    assert.deepEqual([second.token, second.created], [first.token, false]);
    assert.equal(process.view.entries.get(ref.id)?.operations.length, 1);
  });

  it('a put that was removed since is not put again by its repetition', async () => {
    const process = await withoutLedger();
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    await process.done(process.tasks.remove(ref, write('y'), signal));
    const again = process.done(process.tasks.put(ref, state, write('x'), signal));
    await assert.rejects(again, { status: 'NOT_FOUND' });
  });

  it('lists have what the view has, and say that something may be missing', async () => {
    const process = await withoutLedger({ view: () => ({ list: async () => ({ tasks: [], next: '7' }) }) });
    const query = { namespace: 'default', category: undefined, importName: undefined, status: undefined };
    const page = { after: undefined, limit: 10, maxBytes: 1_000 };
    const first = await process.done(process.tasks.list(query, page, signal));
    assert.deepEqual(first, { tasks: [], next: 'view:7', source: 'VIEW_UNCONFIRMED', partial: true });
    const ofLedger = process.tasks.list(query, { ...page, after: 'ledger:7' }, signal);
    await assert.rejects(process.done(ofLedger), unreachable);
    const ofNobody = process.tasks.list(query, { ...page, after: 'x' }, signal);
    await assert.rejects(process.done(ofNobody), (error) => hasReason(error, 'PAGE_TOKEN_INVALID'));
  });
});

describe('a task that there is not', () => {
  it('is not waited for by those who ask again', async () => {
    const noted: DualEvent[] = [];
    const process = new ModelledProcess({ note: (event) => void noted.push(event) });
    await process.rest();
    for (let time = 0; time < 3; time++) {
      const read = await process.done(process.tasks.get(ref, plainly, signal));
      assert.deepEqual([read.task, read.source], [undefined, 'AUTHORITY']);
    }
    assert.deepEqual(
      noted.filter((event) => event === 'lease-waited'),
      [],
    );
  });
});

describe('while the view is away', () => {
  it('the ledger does it all', async () => {
    const process = new ModelledProcess();
    await process.rest();
    process.viewUp = false;
    const { token, durability } = await process.done(process.tasks.put(ref, state, write('x'), signal));
    assert.equal(durability, 'DURABLE');
    const read = await process.done(process.tasks.get(ref, { token, strong: false }, signal));
    assert.deepEqual([read.source, read.task?.status], ['AUTHORITY', 's']);
    await process.done(process.tasks.remove(ref, write('y'), signal));
    assert.equal((await process.done(process.tasks.get(ref, plainly, signal))).task, undefined);
  });

  it('the service answers; when both are away it does not', async () => {
    const process = new ModelledProcess();
    process.viewUp = false;
    await process.tasks.ping(signal);
    process.ledgerUp = false;
    await assert.rejects(process.tasks.ping(signal), unreachable);
    process.viewUp = true;
    await process.tasks.ping(signal);
  });
});

describe('when the ledger is back', () => {
  it('the history of a task has what was buffered, whether or not it was home already', async () => {
    const process: ModelledProcess = new ModelledProcess({
      ledger: () => ({
        transitions: async ({ id }) => {
          const task = process.ledger.tasks.get(id)?.task;
          const at = { revision: task?.revision ?? 0, at: 0, principal: 'p' };
          return task && [{ ...at, status: task.status, code: task.code, message: task.message }];
        },
      }),
    });
    await process.rest();
    process.ledgerUp = false;
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    process.ledgerUp = true;
    const history = await process.done(process.tasks.transitions(ref, signal));
    assert.deepEqual(
      history?.transitions.map(({ status }) => status),
      [state.status],
    );
  });
});

describe('what has expired', () => {
  it('is removed only while nothing waits to come home, as far as the view can tell', async () => {
    let may = () => false;
    const removeExpired = async (mayRemove: () => boolean) => {
      may = mayRemove;
    };
    const process = new ModelledProcess({ ledger: () => ({ removeExpired }) });
    assert.equal(may(), false, 'before the first look');
    await process.rest();
    assert.equal(may(), true);
    process.ledgerUp = false;
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    assert.equal(may(), false);
    process.ledgerUp = true;
    assert.equal(may(), false);
    await process.rest();
    assert.equal(may(), true);
    process.viewUp = false;
    assert.equal(may(), false);
  });
});

describe('lists of the ledger', () => {
  it('say that something may be missing while something waits to come home', async () => {
    const list = async () => ({
      tasks: [] as Task[],
      next: 'n',
      source: 'AUTHORITY' as const,
      partial: false,
    });
    const process = new ModelledProcess({ ledger: () => ({ list }) });
    await process.rest();
    const query = { namespace: 'default', category: undefined, importName: undefined, status: undefined };
    const page = { after: undefined, limit: 10, maxBytes: 1_000 };
    assert.deepEqual(await process.done(process.tasks.list(query, page, signal)), {
      tasks: [],
      next: 'ledger:n',
      source: 'AUTHORITY',
      partial: false,
    });
    process.ledgerUp = false;
    await process.done(process.tasks.put(ref, state, write('x'), signal));
    process.ledgerUp = true;
    const { partial } = await process.done(process.tasks.list(query, page, signal));
    assert.equal(partial, true);
  });
});

describe('a conflict', () => {
  const operation = { kind: 'put', requestId: 'x', principal: 'p', state, ifAbsent: true } as const;
  const conflict: Conflict = {
    id: 'k',
    ref,
    reason: 'BLIND',
    at: 1,
    base: undefined,
    operations: [{ mark: 'm', at: 1, operation }],
    shown: undefined,
    standing: undefined,
  };
  const process = () => {
    const kept = new Map([[conflict.id, conflict]]);
    return {
      kept,
      process: new ModelledProcess({
        ledger: ({ conflicts }) => ({
          conflicts: { ...conflicts, get: async (id) => kept.get(id), drop: async (id) => kept.delete(id) },
        }),
      }),
    };
  };

  it('is written after all when an operator says so, once, and is gone then', async () => {
    const { kept, process: one } = process();
    assert.equal(await one.done(conflictsOf(one).replay('k', signal)), 1);
    assert.equal(one.ledger.tasks.get(ref.id)?.task.status, 's');
    assert.equal(kept.size, 0);
    await assert.rejects(one.done(conflictsOf(one).replay('k', signal)), hasNone);
  });

  it('stays when the ledger is away', async () => {
    const { kept, process: one } = process();
    one.ledgerUp = false;
    await assert.rejects(one.done(conflictsOf(one).replay('k', signal)), unreachable);
    assert.equal(kept.size, 1);
  });
});
