/** The real process on Redis and MongoDB that come late, freeze and go: what callers and operators meet. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isStatusError } from '@connections/grpc';
import { connectDatabase } from '@connections/proto-utils';
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
import { becomes, gauge, healthOf, readyOf } from './observed-health.ts';
import { type StandaloneProcess, startStandalone, temporaryFolder } from './standalone-process.ts';

const skip = redisMissing() ?? mongoMissing({ own: true });
const listModules = fileURLToPath(new URL('../../fixtures/list-modules.cjs', import.meta.url));
/** Of a call to a store, and what a machine that is busy with other tests adds. */
const budgetMs = 5_000 + 1_500;
const soonMs = 500;

const database = 'stores';

/** Servers that the tests may stop. */
async function startServers() {
  const [redis, mongo] = await Promise.all([startRedis({ own: true }), startMongo({ own: true })]);
  await prepareMongo(`mongodb://127.0.0.1:${mongo.port}/${database}`);
  return {
    redis,
    mongo,
    async [Symbol.asyncDispose]() {
      await Promise.all([redis, mongo].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

/** With nothing set but what existing deployments set. */
function startOn(redis: Pick<TestServer, 'port'>, mongo: Pick<TestServer, 'port'>) {
  return startStandalone({
    CONNECTIONS_DATA: temporaryFolder(),
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    MONGO_HOST: '127.0.0.1',
    MONGO_PORT: String(mongo.port),
    MONGO_DB: database,
  });
}

/** A write and a read on each port; what came of each, and how long the longest took. */
function calls(service: StandaloneProcess) {
  const database = connectDatabase(service.databaseAddress);
  const timed = async (call: () => Promise<unknown>) => {
    const start = performance.now();
    const outcome = await call().then(
      () => 'OK',
      (error: unknown) => (isStatusError(error) ? error.status : String(error)),
    );
    return { outcome, ms: performance.now() - start };
  };
  let count = 0;
  const unlimited = { timeoutMs: 60_000 };
  return {
    cache: () => timed(() => database.cache.set({ key: `k${count++}`, value: Buffer.of(1) }, unlimited)),
    tasks: () => {
      const id = `t${count++}`;
      const state = { status: 'new', code: 202 };
      return timed(() => database.tasks.put({ category: 'c', id, requestId: id, state }, unlimited));
    },
    schemas: () => timed(() => database.schemas.list({}, unlimited)),
    [Symbol.dispose]: () => database.close(),
  };
}

/** Within the service's own promise for a store that is there again. */
async function serves(call: () => Promise<{ readonly outcome: string }>): Promise<void> {
  await eventually(async () => assert.equal((await call()).outcome, 'OK'), 5_000);
}

describe('a service on Redis and MongoDB', { skip, timeout: 120_000 }, () => {
  it('starts before its servers, refuses calls at once, and serves when they are there', async () => {
    await using servers = await startServers();
    const { redis, mongo } = servers;
    await Promise.all([redis.kill(), mongo.kill()]);
    await using service = await startOn(redis, mongo);
    using call = calls(service);
    assert.equal((await readyOf(service)).status, 503);
    assert.equal(await healthOf(service), Status.NOT_SERVING);
    for (const port of [call.cache, call.tasks, call.schemas]) {
      const { outcome, ms } = await port();
      assert.equal(outcome, 'UNAVAILABLE');
      assert.ok(ms < soonMs, `${ms} ms`);
    }
    await Promise.all([redis.restart(), mongo.restart()]);
    await Promise.all([call.cache, call.tasks, call.schemas].map(serves));
    await becomes(service, 200, /^serving$/);
    assert.equal(await healthOf(service), Status.SERVING);
  });

  for (const name of ['redis', 'mongo'] as const) {
    it(`is degraded while ${name} is frozen: calls to it end within their budget, the others go on`, async () => {
      await using servers = await startServers();
      const { redis, mongo } = servers;
      await using service = await startOn(redis, mongo);
      using call = calls(service);
      const [frozen, hit, spared] =
        name === 'redis' ? [redis, call.cache, call.tasks] : [mongo, call.tasks, call.cache];
      await Promise.all([hit, spared].map(serves));
      frozen.freeze();
      const first = await Promise.all(Array.from({ length: 20 }, hit));
      for (const { outcome, ms } of first) {
        assert.equal(outcome, 'UNAVAILABLE');
        assert.ok(ms < budgetMs, `${ms} ms`);
      }
      await becomes(service, 200, /^degraded: the \w+ store does not answer since/);
      const next = await hit();
      assert.equal(next.outcome, 'UNAVAILABLE');
      assert.ok(next.ms < soonMs, `${next.ms} ms`);
      assert.equal((await spared()).outcome, 'OK');
      assert.equal(await healthOf(service), Status.SERVING);
      assert.equal(await gauge(service, 'connections_degraded'), '1');
      frozen.thaw();
      await serves(hit);
      await becomes(service, 200, /^serving$/);
      assert.equal(await gauge(service, 'connections_degraded'), '0');
    });
  }

  it('is UNAVAILABLE at once while both are gone, and stops in order', async () => {
    await using servers = await startServers();
    const { redis, mongo } = servers;
    await using service = await startOn(redis, mongo);
    using call = calls(service);
    await Promise.all([call.cache, call.tasks].map(serves));
    await Promise.all([redis.kill(), mongo.kill()]);
    await becomes(service, 503, /^the \w+ store does not answer/);
    assert.equal(await healthOf(service), Status.NOT_SERVING);
    for (const port of [call.cache, call.tasks, call.schemas]) {
      const { outcome, ms } = await port();
      assert.equal(outcome, 'UNAVAILABLE');
      assert.ok(ms < soonMs, `${ms} ms`);
    }
    const start = performance.now();
    service.kill('SIGTERM');
    assert.equal((await service.exited).code, 0);
    assert.ok(performance.now() - start < 5_000);
  });
});

describe('a driver', () => {
  /** CommonJS modules of the vendors of remote drivers that a process has loaded when it ends: all of theirs are. */
  async function vendorModules(env: Record<string, string>): Promise<Set<string>> {
    const folder = temporaryFolder();
    const file = join(folder, 'modules.json');
    await using service = await startStandalone({
      CONNECTIONS_DATA: folder,
      MODULES_FILE: file,
      NODE_OPTIONS: `--require ${listModules}`,
      ...env,
    });
    service.kill('SIGTERM');
    await service.exited;
    const modules: string[] = JSON.parse(readFileSync(file, 'utf8'));
    const vendors = modules.map((module) => /node_modules\/(mongodb|bson|redis|@redis)\//.exec(module)?.[1]);
    return new Set(vendors.filter((vendor) => vendor !== undefined));
  }

  it('is loaded where a port stands on it, and nowhere else', { timeout: 60_000 }, async () => {
    const nobody = { REDIS_PORT: '1', MONGO_PORT: '1' };
    assert.deepEqual(await vendorModules(nobody), new Set());
    const onRedis = await vendorModules({ ...nobody, REDIS_HOST: '127.0.0.1' });
    assert.ok(onRedis.has('@redis') && !onRedis.has('mongodb'));
    const onMongo = await vendorModules({ ...nobody, MONGO_HOST: '127.0.0.1' });
    assert.ok(onMongo.has('mongodb') && !onMongo.has('@redis'));
  });
});
