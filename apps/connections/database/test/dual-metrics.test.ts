/** The metrics of tasks on two stores, as they are scraped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMetrics, type MetricKey, metricRows } from '@connections/runtime';
import { parsePrometheusText, TestClock } from '@connections/testing';
import { collectDual, dualCounters } from '../src/driver/dual-metrics.ts';
import { modelBounds } from './dual-store/model-bounds.ts';
import { ModelledProcess } from './dual-store/modelled-process.ts';

/** Before anything happens in the model. */
const beganAt = 999_000;
const signal = new AbortController().signal;
const refTo = (id: string) => ({ namespace: 'default', category: 'c', id });
const state = { status: 's', code: 0, message: '', data: new Map<string, string>() };

function opened() {
  const metrics = createMetrics();
  const samples = { sampleShare: 1, sampleAgesMs: [1_000, 60_000], samplesAtOnce: 9 };
  const bounds = { ...modelBounds, ...samples, blindMaxAgeMs: Number.POSITIVE_INFINITY };
  const process = new ModelledProcess({
    bounds,
    note: dualCounters(metrics),
    // What the modelled view does not tell.
    view: (view) => ({
      dirty: async (...asked) => {
        const found = await view.dirty(...asked);
        return { ...found, bytes: 7 * found.count, oldestAt: found.count > 0 ? beganAt : undefined };
      },
    }),
  });
  const { world } = process;
  const clock = new TestClock();
  collectDual(metrics, process.tasks, { now: () => world.now, after: clock.after.bind(clock) });
  const value = async (key: MetricKey, ...labels: readonly string[]) => {
    const families = parsePrometheusText(await metrics.text());
    const samples = families.find(({ name }) => name === metricRows[key].name)?.samples ?? [];
    return samples.find((sample) => [...sample.labels.values()].join() === labels.join())?.value;
  };
  return { process, value };
}

function put({ tasks }: ModelledProcess, id: string) {
  const options = { requestId: undefined, principal: 'p', allowBuffered: true, ifAbsent: false };
  return tasks.put(refTo(id), state, options, signal);
}

describe('the metrics of tasks on two stores', () => {
  it('are there before anything happens, and 0', async () => {
    const { process, value } = opened();
    for (const key of ['viewFills', 'taskConflicts', 'bufferedTasks', 'taskBufferAge'] as const) {
      assert.equal(await value(key), 0, key);
    }
    assert.equal(await value('viewSamples', '60s'), 0);
    await process.rest();
    assert.ok(((await value('viewLag')) ?? 99) < 1);
  });

  it('count what is buffered, for how long it waits, and that it comes home', async () => {
    const { process, value } = opened();
    await process.rest();
    process.ledgerUp = false;
    for (const id of ['a', 'b']) await process.done(put(process, id));
    await process.rest();
    assert.deepEqual([await value('bufferedWrites'), await value('bufferedTasks')], [2, 2]);
    assert.equal(await value('taskBufferBytes'), 14);
    const age = (await value('taskBufferAge')) ?? 0;
    await process.rest();
    assert.ok(((await value('taskBufferAge')) ?? 0) > age && age > 0, `${age} s`);
    process.ledgerUp = true;
    await process.rest();
    assert.deepEqual([await value('bufferedTasks'), await value('taskBufferAge')], [0, 0]);
    assert.deepEqual([await value('buffersDrained'), await value('taskConflicts')], [2, 0]);
  });

  it('show how long the view is not repaired', async () => {
    const { process, value } = opened();
    await process.rest();
    process.ledgerUp = false;
    await process.rest();
    const behind = (await value('viewLag')) ?? 0;
    assert.ok(behind > 1, `${behind} s`);
    assert.ok(((await value('viewInterruptions')) ?? 0) > 0);
    process.ledgerUp = true;
    await process.rest();
    assert.ok(((await value('viewLag')) ?? 99) < 1);
  });

  it('count what was filled and compared', async () => {
    const { process, value } = opened();
    await process.rest();
    await process.done(put(process, 'a'));
    const plainly = { token: undefined, strong: false };
    await process.done(process.tasks.get(refTo('a'), plainly, signal));
    assert.equal(await value('viewFills'), 1);
    await process.rest();
    assert.deepEqual([await value('viewSamples', '1s'), await value('viewDivergences', '1s')], [1, 0]);
  });
});
