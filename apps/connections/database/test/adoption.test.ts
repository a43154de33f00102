/** Tasks of another program on the ledger of MongoDB: they yield to whatever is there. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mongoMissing, sabotaged } from '@connections/testing';
import { Adoption } from '../src/dual-store/adoption.ts';
import { boundsFor } from '../src/dual-store/dual-bounds.ts';
import { systemPace } from '../src/dual-store/pace.ts';
import type { AdoptedTask } from '../src/port/task-adoption.ts';
import type { TaskLedger } from '../src/port/task-ledger.ts';
import type { TaskView, ViewEntry } from '../src/port/task-view.ts';
import { openLedgerFor, patching, patient, putting, refTo, removing } from './mongo-ledger-ports.ts';
import { mongoServer } from './mongo-ports.ts';

const adopted = (requestId: string, fields: Readonly<Record<string, string>> = {}): AdoptedTask => ({
  state: { status: 'accepted', code: 202, message: 'old', data: new Map([['import_name', 'i']]) },
  fields: new Map(Object.entries(fields)),
  requestId,
  principal: 'ann',
});

/** Of which nothing but `read` is asked. */
function viewWith(buffered: string): TaskView {
  const entry: ViewEntry = { base: undefined, task: undefined, buffered: true };
  const view: Pick<TaskView, 'reachable' | 'read'> = {
    reachable: true,
    read: async ({ id }) => (id === buffered ? entry : undefined),
  };
  return view as TaskView;
}

function adoptionOn(ledger: TaskLedger, buffered = ''): Adoption {
  return new Adoption({ ledger, view: viewWith(buffered), pace: systemPace(), bounds: boundsFor(5_000) });
}

describe('adoption', { skip: mongoMissing() ?? false }, () => {
  const server = mongoServer();
  const open = async (context: TestContext) => openLedgerFor(context, await server());

  for (const fields of [{}, { owner: 'ann' }]) {
    const kind = 'owner' in fields ? 'with fields' : 'without fields';

    it(`creates a task that is missing, once: ${kind}`, async (context) => {
      const { ledger, read } = await open(context);
      const adoption = adoptionOn(ledger);
      const ref = refTo('t');
      assert.deepEqual(await adoption.look([ref], patient), ['MISSING']);
      assert.equal(await adoption.adopt(ref, adopted('import', fields), patient), 'ADOPTED');
      const record = await read(ref);
      assert.deepEqual(
        [record?.task.status, record?.task.message, record?.task.revision, record?.task.importName],
        ['accepted', 'old', 1, 'i'],
      );
      assert.deepEqual(Object.fromEntries(record?.task.fields ?? []), fields);
      const history = await ledger.transitions(ref, patient);
      assert.deepEqual(
        history?.map(({ revision, principal }) => [revision, principal]),
        [[1, 'ann']],
      );
      assert.deepEqual(await adoption.look([ref], patient), ['KNOWN']);
      assert.equal(await adoption.adopt(ref, adopted('another', fields), patient), 'KNOWN');
      assert.equal((await read(ref))?.task.revision, 1);
    });

    it(`by two at once leaves one task: ${kind}`, async (context) => {
      const { ledger, read } = await open(context);
      const adoptions = [adoptionOn(ledger), adoptionOn(ledger)];
      await Promise.allSettled(
        adoptions.map((adoption) => adoption.adopt(refTo('t'), adopted('import', fields), patient)),
      );
      assert.equal((await read(refTo('t')))?.task.revision, 1);
      assert.deepEqual(await adoptionOn(ledger).look([refTo('t')], patient), ['KNOWN']);
    });

    it(`rejects with what the ledger says, and the next one finds what it did: ${kind}`, async (context) => {
      const { ledger, read } = await open(context);
      const lost = new Error('lost');
      const losing = sabotaged<TaskLedger>(ledger, {
        commit: async (...call) => {
          await ledger.commit(...call);
          return { outcome: 'UNKNOWN', error: lost };
        },
        settle: async (...call) => {
          await ledger.settle(...call);
          throw lost;
        },
      });
      const ref = refTo('t');
      await assert.rejects(adoptionOn(losing).adopt(ref, adopted('import', fields), patient), lost);
      assert.deepEqual(await adoptionOn(ledger).look([ref], patient), ['KNOWN']);
      assert.equal((await read(ref))?.task.revision, 1);
    });
  }

  it('looks at many at once: there, written since, removed, removed and there again, buffered', async (context) => {
    const { ledger, commit } = await open(context);
    for (const id of ['there', 'written', 'removed', 'again']) await commit(refTo(id), putting(`p ${id}`));
    await commit(refTo('written'), patching('w', { status: 'done' }));
    await commit(refTo('removed'), removing('r1'));
    await commit(refTo('again'), removing('r2'));
    await commit(refTo('again'), putting('p2'));
    await commit({ ...refTo('elsewhere'), namespace: 'other' }, putting('p3'));
    const refs = ['there', 'written', 'removed', 'again', 'elsewhere', 'buffered', 'none'].map((id) =>
      refTo(id),
    );
    const other = { ...refTo('there'), category: 'schemas' };
    assert.deepEqual(await adoptionOn(ledger, 'buffered').look([...refs, other], patient), [
      ...['KNOWN', 'KNOWN', 'REMOVED', 'KNOWN', 'MISSING', 'KNOWN', 'MISSING'],
      'MISSING',
    ]);
    assert.deepEqual(await adoptionOn(ledger).look([], patient), []);
  });

  it('knows of a removal since the look where it settles', async (context) => {
    const { ledger, commit } = await open(context);
    await commit(refTo('t'), putting('p'));
    await commit(refTo('t'), removing('r'));
    const found = await adoptionOn(ledger).adopt(refTo('t'), adopted('import', { owner: 'ann' }), patient);
    assert.equal(found, 'REMOVED');
  });
});
