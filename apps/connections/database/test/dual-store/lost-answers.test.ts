/** Lost answers and crashes that are no conflict: the ring knows what took effect. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { away } from './modelled-link.ts';
import { ModelledProcess } from './modelled-process.ts';
import type { Mutation } from './mutants.ts';

const ref = { namespace: 'default', category: 'c', id: 'a' };
const signal = new AbortController().signal;
const state = { status: 's', code: 0, message: '', data: new Map<string, string>() };

function write(requestId: string) {
  return { requestId, principal: 'p', allowBuffered: true, ifAbsent: false };
}

/** A commit takes effect, its answer is lost, and the ledger is away when it is offered to the buffer. */
async function afterLostAnswer(mutation: Mutation, known: boolean): Promise<ModelledProcess> {
  let losing = false;
  const process: ModelledProcess = new ModelledProcess({
    mutation,
    ledger: (modelled) => ({
      commit: async (...args) => {
        const outcome = await modelled.commit(...args);
        if (!losing) return outcome;
        losing = false;
        process.ledgerUp = false;
        return { outcome: 'UNKNOWN', error: away() };
      },
    }),
  });
  await process.rest();
  if (known) {
    await process.done(process.tasks.put(ref, state, write('first'), signal));
    await process.done(process.tasks.get(ref, { token: undefined, strong: false }, signal));
    assert.ok(process.view.entries.has(ref.id));
  }
  losing = true;
  const written = await process.done(
    process.tasks.put(ref, { ...state, status: 't' }, write('lost'), signal),
  );
  assert.equal(written.durability, 'BUFFERED');
  process.ledgerUp = true;
  await process.rest();
  return process;
}

/** What waits comes home, and nobody is left to clean up. */
async function afterCrash(mutation: Mutation): Promise<ModelledProcess> {
  let losing = false;
  const process = new ModelledProcess({
    mutation,
    view: (modelled) => ({
      drop: (...args) => {
        if (!losing) return modelled.drop(...args);
        losing = false;
        return Promise.reject(away());
      },
    }),
  });
  await process.rest();
  process.ledgerUp = false;
  await process.done(process.tasks.put(ref, state, write('kept'), signal));
  losing = true;
  process.ledgerUp = true;
  await process.rest();
  assert.equal(losing, false);
  return process;
}

describe('what the ring knows', () => {
  for (const known of [true, false]) {
    it(`is no conflict when an answer was lost, the view ${known ? 'knowing' : 'not knowing'} the task`, async () => {
      const { ledger, view } = await afterLostAnswer({}, known);
      assert.equal(ledger.conflicts.size, 0);
      assert.equal(ledger.tasks.get(ref.id)?.task.revision, known ? 2 : 1);
      assert.equal(view.entries.get(ref.id)?.buffered ?? false, false);
    });
  }

  it('is no conflict when a process ends between the commit and the clean-up', async () => {
    const { ledger, view } = await afterCrash({});
    assert.equal(ledger.conflicts.size, 0);
    assert.equal(ledger.tasks.get(ref.id)?.task.revision, 1);
    assert.equal(view.entries.get(ref.id)?.buffered ?? false, false);
  });

  it('is a conflict, or a second effect, where there is no ring', async () => {
    for (const { ledger } of [
      await afterLostAnswer({ noRing: true }, true),
      await afterCrash({ noRing: true }),
    ]) {
      assert.ok(ledger.conflicts.size > 0 || ledger.broken);
    }
  });
});
