/** The sampler of durable writes: what it counts as a view that differs from the ledger, and what it does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TaskView, ViewEntry } from '../../src/port/task-view.ts';
import { modelBounds } from './model-bounds.ts';
import { ModelledProcess } from './modelled-process.ts';

const signal = new AbortController().signal;
const refTo = (id: string) => ({ namespace: 'default', category: 'c', id });
const ref = refTo('a');
const stateOf = (status: string) => ({ status, code: 0, message: '', data: new Map<string, string>() });
const bounds = { ...modelBounds, sampleShare: 1 };
const noDivergence = modelBounds.sampleAgesMs.map((ageMs) => ({ ageMs, samples: 1, divergences: 0 }));

function put(process: ModelledProcess, status: string, id = ref.id) {
  const options = { requestId: undefined, principal: 'p', allowBuffered: true, ifAbsent: false };
  return process.done(process.tasks.put(refTo(id), stateOf(status), options, signal));
}

/** The view knows a task, then `read` stands in its place, then the task is written once more and time passes. */
async function sampled(
  read: (modelled: TaskView['read'], before: ViewEntry) => TaskView['read'],
  wrote: (process: ModelledProcess) => Promise<unknown> = (process) => put(process, 'second'),
) {
  let instead: TaskView['read'] | undefined;
  const events: string[] = [];
  const quiet = { ...bounds, sampleShare: 0 };
  const process = new ModelledProcess({
    bounds: quiet,
    note: (event) => events.push(event),
    view: (view) => ({ read: (...args) => (instead ?? view.read.bind(view))(...args) }),
  });
  await process.rest();
  await put(process, 'first');
  await process.done(process.tasks.get(ref, { token: undefined, strong: false }, signal));
  const entry = process.view.entries.get(ref.id);
  assert.ok(entry, 'the view knows the task');
  const modelled: TaskView['read'] = async ({ id }) => process.view.read({ ...ref, id });
  instead = read(modelled, { ...entry });
  Object.assign(quiet, { sampleShare: 1 });
  await wrote(process);
  Object.assign(quiet, { sampleShare: 0 });
  await process.rest();
  return { tallies: process.tasks.samples, events: events.filter((event) => event === 'diverged') };
}

describe('the sampler of the view', () => {
  it('finds no divergence where the view follows', async () => {
    const { tallies, events } = await sampled((modelled) => modelled);
    assert.deepEqual(tallies, noDivergence);
    assert.deepEqual(events, []);
  });

  it('counts an entry that stays behind the ledger, by its age, and tells of the oldest', async () => {
    const { tallies, events } = await sampled((_, before) => async () => before);
    assert.deepEqual(
      tallies,
      noDivergence.map((tally) => ({ ...tally, divergences: 1 })),
    );
    assert.deepEqual(events, ['diverged']);
  });

  it('counts an entry of the same revision that says something else', async () => {
    const { tallies } = await sampled((modelled) => async (...args) => {
      const entry = await modelled(...args);
      return entry?.task && { ...entry, task: { ...entry.task, fields: new Map([['k', 'v']]) } };
    });
    assert.deepEqual(
      tallies.map(({ divergences }) => divergences),
      [1, 1],
    );
  });

  it('counts an entry of a task that was removed', async () => {
    const { tallies } = await sampled(
      (_, before) => async () => before,
      (process) => {
        const options = { requestId: undefined, principal: 'p', allowBuffered: true };
        return process.done(process.tasks.remove(ref, options, signal));
      },
    );
    assert.deepEqual(
      tallies.map(({ divergences }) => divergences),
      [1, 1],
    );
  });

  it('does not count what the view does not have, or what is buffered', async () => {
    for (const has of [false, true]) {
      const { tallies } = await sampled(
        (_, before) => async () => (has ? { ...before, buffered: true } : undefined),
      );
      assert.deepEqual(tallies, noDivergence);
    }
  });

  it('does not count a view that is behind a write which is under way, and then follows', async () => {
    const { tallies } = await sampled((modelled, before) => {
      let looks = 0;
      return async (...args) => (++looks % 2 === 1 ? before : modelled(...args));
    });
    assert.deepEqual(tallies, noDivergence);
  });

  it('does not count a view that is behind one write after the other', async () => {
    const { tallies } = await sampled((_, before) => {
      let looks = 0;
      return async () => before.base && { ...before, base: { ...before.base, revision: -++looks } };
    });
    assert.deepEqual(tallies, noDivergence);
  });

  it('compares nothing while a store is away', async () => {
    const process = new ModelledProcess({ bounds });
    await process.rest();
    await put(process, 'first');
    process.ledgerUp = false;
    await process.rest();
    assert.deepEqual(
      process.tasks.samples.map(({ samples }) => samples),
      [0, 0],
    );
  });

  it('follows no more writes at once than it may', async () => {
    const process = new ModelledProcess({ bounds });
    await process.rest();
    const writes = ['a', 'b', 'c', 'd'].map((id) => {
      const options = { requestId: undefined, principal: 'p', allowBuffered: false, ifAbsent: false };
      return process.tasks.put(refTo(id), stateOf('s'), options, signal);
    });
    await process.done(Promise.all(writes));
    await process.rest();
    assert.deepEqual(
      process.tasks.samples.map(({ samples }) => samples),
      [bounds.samplesAtOnce, bounds.samplesAtOnce],
    );
  });

  it('takes no sample of what is buffered', async () => {
    const process = new ModelledProcess({ bounds });
    await process.rest();
    process.ledgerUp = false;
    await put(process, 'first');
    process.ledgerUp = true;
    await process.rest();
    assert.deepEqual(
      process.tasks.samples.map(({ samples }) => samples),
      [0, 0],
    );
  });
});
