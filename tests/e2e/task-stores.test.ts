/** The failure table of the task store: what callers of both contracts and operators are told while a store is away. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import {
  eventually,
  mongoMissing,
  prepareMongo,
  redisMissing,
  startMongo,
  startRedis,
  type TestServer,
} from '@connections/testing';
import { runCommand } from './cli-command.ts';
import { becomes, gauge, healthOf, readyOf } from './observed-health.ts';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';
import { type TaskCaller, V1Caller, WireCaller } from './task-callers.ts';

const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;
/** Of a store that is there again, on a machine that does other things too. */
const recoverMs = 20_000;

const away = [
  ['frozen', (server: TestServer) => server.freeze(), (server: TestServer) => server.thaw()],
  ['killed', (server: TestServer) => server.kill(), (server: TestServer) => server.restart()],
] as const;

describe('tasks on MongoDB with a view on Redis', { skip, timeout: 150_000 }, () => {
  let redis: TestServer;
  let mongo: TestServer;
  let service: StandaloneProcess;
  let strict: V1Caller;
  let v1: V1Caller;
  let wire: WireCaller;

  before(async () => {
    // What it acknowledges is in its file: it is killed.
    [redis, mongo] = await Promise.all([
      startRedis({ own: true, appendOnly: true }),
      startMongo({ own: true, syncOnCommit: true }),
    ]);
    await prepareMongo(`mongodb://127.0.0.1:${mongo.port}/tasks`);
    service = await startStandalone({
      CONNECTIONS_DATA: temporaryFolder(),
      REDIS_HOST: '127.0.0.1',
      REDIS_PORT: String(redis.port),
      MONGO_HOST: '127.0.0.1',
      MONGO_PORT: String(mongo.port),
      MONGO_DB: 'tasks',
    });
    const address = service.databaseAddress;
    strict = new V1Caller(address, { allowBuffered: false });
    v1 = new V1Caller(address, { allowBuffered: true });
    wire = new WireCaller(address);
  });

  after(async () => {
    for (const caller of [strict, v1, wire]) caller?.[Symbol.dispose]();
    for (const process of [service, redis, mongo]) await process?.[Symbol.asyncDispose]();
  });

  const callers = () => [v1, wire] as const;

  async function shows(caller: TaskCaller, id: string, answer: string): Promise<void> {
    await eventually(async () => assert.equal(await caller.get(id), answer), recoverMs);
  }

  /** A task that the view knows. */
  async function known(caller: TaskCaller, id: string): Promise<void> {
    assert.equal(await caller.put(id, 'accepted'), 'DURABLE');
    await shows(caller, id, 'accepted from VIEW');
  }

  /** What a person sees of the task. */
  async function terminalOf(id: string, ...options: readonly string[]): Promise<string> {
    const words = ['tasks', 'get', `validation/${id}`, '--database', service.databaseAddress];
    const { stdout, stderr } = await runCommand([...words, ...options]);
    return `${stdout}${stderr}`;
  }

  async function isWell(): Promise<void> {
    await becomes(service, 200, /^serving$/);
    assert.equal(await healthOf(service), Status.SERVING);
    assert.equal(await gauge(service, 'connections_degraded'), '0');
  }

  async function isDegraded(reason: RegExp): Promise<void> {
    await becomes(service, 200, reason);
    assert.equal((await readyOf(service)).degraded, true);
    assert.equal(await healthOf(service), Status.SERVING);
    assert.equal(await gauge(service, 'connections_degraded'), '1');
  }

  it('both there: a write is DURABLE, a read comes from the view, a list from the authority', async () => {
    for (const caller of [strict, ...callers()]) {
      await known(caller, 'one');
      assert.equal(await caller.patch('one', 'success'), 'DURABLE');
      assert.match(await caller.get('one', caller.token), /^success from (VIEW|AUTHORITY)$/);
      await eventually(async () => assert.equal(await caller.list(), 'success from AUTHORITY'), recoverMs);
      assert.equal(await caller.get('nobody'), caller === wire ? 'none from AUTHORITY' : 'none');
    }
    assert.equal(await strict.getStrong('one'), 'success from AUTHORITY');
    assert.match(await terminalOf('one'), /^\(answered by the view; .*\)$/m);
    for (const caller of callers()) {
      await known(caller, 'two');
      assert.equal(await caller.remove('two'), 'DURABLE');
      assert.match(await caller.get('two', caller.token), /^none/);
    }
    await isWell();
  });

  for (const [how, take, giveBack] of away) {
    it(`Redis ${how}: MongoDB does it all, and the view catches up`, async () => {
      await Promise.all([known(v1, `v1-${how}`), known(wire, `wire-${how}`)]);
      await take(redis);
      const answers = async (caller: TaskCaller, id: string) => {
        assert.equal(await caller.patch(id, 'success'), 'DURABLE');
        assert.equal(await caller.get(id), 'success from AUTHORITY');
        assert.equal(await caller.get(id, caller.token), 'success from AUTHORITY');
        assert.match(await caller.list(), /success from AUTHORITY$/);
        assert.match(await caller.get('nobody'), /^none/);
        assert.equal(await caller.put(`${id}-new`, 'accepted'), 'DURABLE');
        assert.equal(await caller.remove(`${id}-new`), 'DURABLE');
      };
      await Promise.all([
        answers(v1, `v1-${how}`),
        answers(wire, `wire-${how}`),
        isDegraded(/the tasks store: Redis does not answer/),
      ]);
      assert.match(await terminalOf(`v1-${how}`), /^\(answered by the authority; .*\)$/m);
      await giveBack(redis);
      await Promise.all([
        shows(v1, `v1-${how}`, 'success from VIEW'),
        shows(wire, `wire-${how}`, 'success from VIEW'),
        isWell(),
      ]);
    });

    it(`MongoDB ${how}: what the view knows goes on, buffered and unconfirmed, and comes home`, async () => {
      const ids = (caller: TaskCaller) =>
        ['patched', 'removed', 'blind'].map((name) => `${caller === v1 ? 'v1' : 'wire'}-${name}-${how}`);
      for (const caller of callers()) {
        const [patched = '', removed = ''] = ids(caller);
        await Promise.all([known(caller, patched), known(caller, removed)]);
      }
      await take(mongo);
      const refused = 'UNAVAILABLE, try again';
      const answers = async (caller: TaskCaller) => {
        const [patched = '', removed = '', blind = ''] = ids(caller);
        assert.equal(await caller.patch(patched, 'success'), 'BUFFERED');
        assert.equal(await caller.get(patched, caller.token), 'success from VIEW_UNCONFIRMED');
        assert.equal(await caller.get(patched), 'success from VIEW_UNCONFIRMED');
        assert.equal(await caller.remove(removed), 'BUFFERED');
        assert.equal(await caller.get(removed), caller === wire ? 'none from VIEW_UNCONFIRMED' : 'none');
        assert.equal(await caller.put(blind, 'accepted'), 'BUFFERED');
        assert.equal(await caller.get(blind), 'accepted from VIEW_UNCONFIRMED');
        const unknown = await caller.patch('nobody', 'success');
        assert.match(unknown, caller === wire ? /^refused: ./ : new RegExp(refused));
        assert.equal(await caller.get('nobody'), refused, 'never that there is none');
        assert.match(await caller.list(), /accepted,.*success from VIEW_UNCONFIRMED, partly$/);
      };
      assert.equal(await strict.put(`strict-${how}`, 'accepted'), refused);
      await Promise.all([...callers().map(answers), isDegraded(/the tasks store: MongoDB does not answer/)]);
      const [patched = ''] = ids(v1);
      assert.equal(await strict.patch(patched, 'refused'), refused);
      assert.equal(await strict.getStrong(patched), refused);
      assert.equal(await strict.history(patched), refused);
      const terminal = await terminalOf(patched, '--history');
      assert.match(terminal, /^status +success$[\s\S]*^\(answered by the view, unconfirmed: .*\)$/m);
      assert.match(terminal, /^the task store .* \(UNAVAILABLE .*$/m, 'which has no history');
      await giveBack(mongo);
      const comesHome = async (caller: TaskCaller) => {
        const [patched = '', removed = '', blind = ''] = ids(caller);
        const home = async () => {
          assert.equal(await v1.getStrong(patched), 'success from AUTHORITY');
          assert.equal(await v1.getStrong(removed), 'none');
          assert.equal(await v1.getStrong(blind), 'accepted from AUTHORITY');
          assert.doesNotMatch(await caller.list(), /partly/);
        };
        await eventually(home, recoverMs);
        await shows(caller, patched, 'success from VIEW');
        assert.equal(await v1.history(patched), 'accepted, success from AUTHORITY');
      };
      await Promise.all([...callers().map(comesHome), isWell()]);
    });
  }

  it('both away: everything is refused, and nothing is made up when they are back', async () => {
    for (const caller of callers()) await known(caller, 'last');
    await Promise.all([redis.kill(), mongo.kill()]);
    const refused = 'UNAVAILABLE, try again';
    for (const caller of callers()) {
      for (const write of [caller.put('last', 'lost'), caller.patch('last', 'lost'), caller.remove('last')])
        assert.match(await write, caller === wire ? /^refused: / : new RegExp(refused));
      assert.equal(await caller.get('last'), refused);
      assert.equal(await caller.get('nobody'), refused);
      assert.equal(await caller.list(), refused);
    }
    assert.match(await terminalOf('last'), /^the task store cannot be reached \(UNAVAILABLE/);
    await becomes(service, 503, /the tasks store does not answer/);
    assert.equal(await healthOf(service), Status.NOT_SERVING);
    await Promise.all([redis.restart(), mongo.restart()]);
    for (const caller of callers()) await shows(caller, 'last', 'accepted from VIEW');
    await isWell();
  });
});
