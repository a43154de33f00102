/** The health of a server and how it is kept true. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { type Clock, createLog, systemClock } from '@connections/runtime';
import { Health } from '../src/health/health.ts';
import { startHealthProbe } from '../src/health/health-probe.ts';
import { testCall } from './call.ts';

describe('Health', () => {
  const check = async (health: Health, service: string) =>
    (await health.handlers.check({ service }, testCall())).status;

  it('answers for the server and for each service by name', async () => {
    const health = new Health(['a.Service']);
    assert.equal(await check(health, ''), Status.NOT_SERVING);
    health.set(true);
    assert.equal(await check(health, ''), Status.SERVING);
    assert.equal(await check(health, 'a.Service'), Status.SERVING);
  });

  it('does not find a service that is not here', async () => {
    await assert.rejects(check(new Health([]), 'b.Service'), {
      status: 'NOT_FOUND',
      reason: 'SERVICE_UNKNOWN',
    });
  });

  it('tells watchers of every change, and ends their streams when it drains', async () => {
    const health = new Health(['a.Service']);
    health.set(true);
    const seen: number[] = [];
    for await (const { status } of health.handlers.watch({ service: 'a.Service' }, testCall())) {
      seen.push(status);
      if (seen.length === 1) health.set(false);
      if (seen.length === 2) health.set(true);
      if (seen.length === 3) health.drain();
    }
    assert.deepEqual(seen, [Status.SERVING, Status.NOT_SERVING, Status.SERVING, Status.NOT_SERVING]);
  });

  it('keeps a watch of an unknown service open, and ends it when it drains', async () => {
    const health = new Health([]);
    const seen: number[] = [];
    for await (const { status } of health.handlers.watch({ service: 'b.Service' }, testCall())) {
      seen.push(status);
      health.drain();
    }
    assert.deepEqual(seen, [Status.SERVICE_UNKNOWN]);
  });

  it('ends a watch whose client has gone', async () => {
    const gone = new AbortController();
    const watch = async () => {
      const call = testCall({ signal: gone.signal });
      for await (const _ of new Health([]).handlers.watch({ service: '' }, call)) gone.abort();
    };
    await assert.rejects(watch(), { name: 'AbortError' });
  });

  it('does not serve again once drained', async () => {
    const health = new Health([]);
    health.drain();
    health.set(true);
    assert.equal(await check(health, ''), Status.NOT_SERVING);
  });
});

describe('the health probe', () => {
  const log = createLog({ level: 'silent' });

  it('follows what the stores answer', async () => {
    const due: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      after: (delayMs, task) => {
        if (delayMs === 5_000) due.push(task);
        return { [Symbol.dispose]: () => {} };
      },
    };
    const answers = [true, false, true];
    const ping = async () => {
      if (!answers.shift()) throw new Error('no answer');
    };
    const health = new Health([]);
    using _probe = await startHealthProbe({ name: 'test', ping }, health, { clock, log });
    const seen = [health.serving];
    while (answers.length > 0) {
      due.shift()?.();
      await new Promise(setImmediate);
      seen.push(health.serving);
    }
    assert.deepEqual(seen, [true, false, true]);
  });

  it('gives up on a store that never answers, and lets go of it when disposed of', async () => {
    const patient = { ...systemClock, after: (_: number, task: () => void) => systemClock.after(0, task) };
    const health = new Health([]);
    const asked: AbortSignal[] = [];
    const ping = (signal: AbortSignal) => {
      asked.push(signal);
      return new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const probe = startHealthProbe({ name: 'test', ping }, health, { clock: patient, log });
    const keepAlive = setTimeout(() => {}, 10_000);
    using stopped = await probe;
    clearTimeout(keepAlive);
    assert.equal(health.serving, false);
    assert.equal(asked[0]?.aborted, true);
    stopped[Symbol.dispose]();
  });
});
