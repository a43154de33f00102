/** The health of a server and how it is kept true. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { type Clock, createLog, systemClock } from '@connections/runtime';
import { failure } from '@connections/runtime/errors';
import { Health } from '../src/health/health.ts';
import { HealthProbe } from '../src/health/health-probe.ts';
import { readinessOf } from '../src/health/readiness.ts';
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

  it('answers for itself whatever the stores do, so that a liveness probe restarts nothing for their sake', async () => {
    const health = new Health([]);
    assert.equal(await check(health, 'grpc.health.v1.Health'), Status.SERVING);
    health.drain();
    assert.equal(await check(health, 'grpc.health.v1.Health'), Status.SERVING);
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
        if (delayMs !== 2_000) due.push(task);
        return { [Symbol.dispose]: () => {} };
      },
    };
    const answers = [true, false, true];
    const ping = async () => {
      if (!answers.shift()) throw new Error('no answer');
    };
    const health = new Health([]);
    using probe = new HealthProbe({ name: 'test', pings: { cache: ping } }, health, { clock, log });
    await probe.start();
    const seen = [health.serving];
    while (answers.length > 0) {
      due.shift()?.();
      await new Promise(setImmediate);
      seen.push(health.serving);
    }
    assert.deepEqual(seen, [true, false, true]);
  });

  it('serves while one store answers, and asks sooner while another does not', async () => {
    const delays: number[] = [];
    const clock: Clock = {
      now: () => 0,
      after: (delayMs) => {
        delays.push(delayMs);
        return { [Symbol.dispose]: () => {} };
      },
    };
    let away = true;
    const cache = () => (away ? Promise.reject(new Error('away')) : Promise.resolve());
    const health = new Health([]);
    const pings = { cache, tasks: async () => {} };
    using probe = new HealthProbe({ name: 'test', pings }, health, { clock, log });
    await probe.start();
    assert.equal(health.serving, true);
    away = false;
    await probe.start();
    // Of each round the patience and the wait for the next.
    assert.deepEqual(delays, [2_000, 1_000, 2_000, 5_000]);
  });

  it('says in the log once what a kind of store does not promise, and again when the kind has changed', async () => {
    let kind: string[] = [];
    let answers = true;
    const lines: string[] = [];
    const noted = createLog({ format: 'json', write: (line) => lines.push(line) });
    const clock = { now: () => 0, after: () => ({ [Symbol.dispose]: () => {} }) };
    const cache = async () => {
      if (!answers) throw new Error('away');
    };
    const service = { name: 'test', pings: { cache }, portNotices: { cache: () => kind } };
    using probe = new HealthProbe(service, new Health([]), { clock, log: noted });
    for (const [now, there] of [
      [[], true],
      [['alone'], true],
      [['alone'], false],
      [['alone'], true],
      [[], true],
      [['alone'], true],
    ] as const) {
      kind = [...now];
      answers = there;
      await probe.start();
      assert.deepEqual(probe.ports[0]?.notices, now);
      assert.deepEqual(probe.ports[0]?.concerns, []);
    }
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'alone');
    assert.deepEqual(
      told.map(({ level }) => level),
      ['warn', 'warn'],
    );
  });

  it('says in the log once what a store lacks, and again when it comes back', async () => {
    let lacks: string[] = [];
    const lines: string[] = [];
    const noted = createLog({ format: 'json', write: (line) => lines.push(line) });
    const clock = { now: () => 0, after: () => ({ [Symbol.dispose]: () => {} }) };
    const service = { name: 'test', pings: { cache: async () => {} }, concerns: { cache: () => lacks } };
    using probe = new HealthProbe(service, new Health([]), { clock, log: noted });
    for (const now of [[], ['a'], ['a', 'b'], [], ['a']]) {
      lacks = now;
      await probe.start();
      assert.deepEqual(probe.ports[0]?.concerns, now);
    }
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).msg),
      ['a', 'b', 'a'],
    );
  });

  it('tells of each port by itself, since when and why, and says each cause in the log once', async () => {
    const clock = { now: () => now, after: () => ({ [Symbol.dispose]: () => {} }) };
    let now = Date.UTC(2030, 0, 1);
    let failing: unknown;
    const pings = {
      cache: async () => {
        if (failing !== undefined) throw failing;
      },
      tasks: async () => {},
    };
    const lines: string[] = [];
    const noted = createLog({ format: 'json', write: (line) => lines.push(line) });
    using probe = new HealthProbe({ name: 'test', pings }, new Health([]), { clock, log: noted });
    assert.equal(probe.ports.length, 0);
    await probe.start();
    const start = now;
    const cause = new Error('vendor text', { cause: new Error('cause of the vendor') });
    const unreachable = failure('STORE_UNREACHABLE', { store: 'cache' }, { cause });
    for (const error of [unreachable, unreachable, cause]) {
      now += 60_000;
      failing = error;
      await probe.start();
    }
    assert.deepEqual(
      probe.ports.map(({ port, answers, since }) => ({ port, answers, since })),
      [
        { port: 'cache', answers: false, since: start + 60_000 },
        { port: 'tasks', answers: true, since: start },
      ],
    );
    const [cache] = probe.ports;
    assert.equal(cache?.reason, 'it failed; the log has the cause');
    failing = undefined;
    await probe.start();
    assert.deepEqual(
      lines
        .map((line) => JSON.parse(line))
        .map(({ level, port, msg, reason, err }) => [level, port, msg, reason ?? err?.message]),
      [
        [
          'warn',
          'cache',
          'a store does not answer',
          'the cache store cannot be reached: vendor text: cause of the vendor',
        ],
        ['warn', 'cache', 'a store does not answer', 'vendor text'],
        ['info', 'cache', 'a store answers again', undefined],
      ],
    );
  });

  it('gives up on a store that never answers, and lets go of it when disposed of', async () => {
    const patient = { ...systemClock, after: (_: number, task: () => void) => systemClock.after(0, task) };
    const health = new Health([]);
    const asked: AbortSignal[] = [];
    const ping = (signal: AbortSignal) => {
      asked.push(signal);
      return new Promise<void>(() => {});
    };
    using probe = new HealthProbe({ name: 'test', pings: { cache: ping } }, health, { clock: patient, log });
    const keepAlive = setTimeout(() => {}, 10_000);
    await probe.start();
    clearTimeout(keepAlive);
    assert.equal(health.serving, false);
    assert.equal(asked[0]?.aborted, true);
    assert.equal(probe.ports[0]?.reason, 'no answer in 2000 ms');
    probe[Symbol.dispose]();
  });
});

describe('readiness', () => {
  const since = Date.UTC(2030, 0, 1);
  const away = {
    port: 'cache',
    answers: false,
    since,
    reason: 'the cache store cannot be reached',
    concerns: [],
    notices: [],
  };
  const facts = { serving: true, draining: false, ports: [{ ...away, answers: true, reason: undefined }] };

  it('is there while the service serves', () => {
    assert.deepEqual(readinessOf(facts), {
      ready: true,
      degraded: false,
      reason: 'serving',
      ports: [{ port: 'cache', answers: true, since: '2030-01-01T00:00:00.000Z' }],
    });
  });

  it('names the store that does not answer, since when, and why', () => {
    const { ready, reason } = readinessOf({ ...facts, serving: false, ports: [away] });
    assert.equal(ready, false);
    assert.equal(
      reason,
      'the cache store does not answer since 2030-01-01T00:00:00.000Z: the cache store cannot be reached',
    );
  });

  it('says that a service starts or stops', () => {
    assert.match(readinessOf({ ...facts, serving: false, ports: [] }).reason, /^starting/);
    assert.match(readinessOf({ ...facts, serving: false, draining: true }).reason, /^stopping/);
  });
});
