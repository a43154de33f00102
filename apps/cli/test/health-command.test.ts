/** `health` against services that serve, do not, are not there, or come late. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Handlers, StatusError } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { createTestServer } from '@connections/testing';
import { cli } from './cli-run.ts';

interface FakeService extends AsyncDisposable {
  readonly port: number;
  readonly asked: readonly string[];
}

async function startFake(statusOf: (service: string) => Status, port = 0): Promise<FakeService> {
  const asked: string[] = [];
  const handlers: Handlers<typeof healthService> = {
    check: async ({ service }) => {
      asked.push(service);
      return { status: statusOf(service) };
    },
    watch: () => {
      throw new StatusError('UNIMPLEMENTED', 'not watched here');
    },
  };
  const server = createTestServer({ maxMessageBytes: 4_096, maxMetadataBytes: 8_192, interceptors: [] });
  server.add(healthService, handlers);
  const bound = await server.listen('127.0.0.1', port);
  return { port: bound, asked, [Symbol.asyncDispose]: () => server.stop(0) };
}

const serving = () => Status.SERVING;
/** Nothing listens on port 1. */
const nobody = '127.0.0.1:1';
const at = (database: FakeService | undefined, messaging: FakeService | undefined) => {
  const address = (service: FakeService | undefined) => (service ? `127.0.0.1:${service.port}` : nobody);
  return `--database ${address(database)} --messaging ${address(messaging)}`;
};

describe('health', () => {
  it('exits with 0 and says nothing on standard error when both serve', async () => {
    await using database = await startFake(serving);
    await using messaging = await startFake(serving);
    const { code, stdout, stderr } = await cli(`health ${at(database, messaging)}`);
    assert.deepEqual([code, stderr], [0, '']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    assert.match(head ?? '', /^SERVICE +ADDRESS +STATUS +LATENCY$/);
    assert.match(rows[0] ?? '', new RegExp(`^database +127.0.0.1:${database.port} +serving +[\\d.]+ ms$`));
    assert.match(rows[1] ?? '', /^messaging +.* +serving /);
  });

  it('exits with 1 when one of them is not there, and names it', async () => {
    await using database = await startFake(serving);
    const { code, stdout, stderr } = await cli(`health ${at(database, undefined)}`);
    assert.equal(code, 1);
    assert.match(stdout, /^messaging .* unreachable /m);
    assert.match(stderr, /^the messaging service cannot be reached on 127\.0\.0\.1:1, .*connections up.*\n$/);
  });

  it('exits with 1 and one line when neither is there', async () => {
    const { code, stderr } = await cli(`health ${at(undefined, undefined)}`);
    assert.equal(code, 1);
    assert.match(stderr, /^database and messaging do not serve: start them with `connections up`.*\n$/);
  });

  it('exits with 1 when a service says that it does not serve', async () => {
    await using database = await startFake(() => Status.NOT_SERVING);
    await using messaging = await startFake(serving);
    const { code, stderr } = await cli(`health ${at(database, messaging)}`);
    assert.equal(code, 1);
    assert.match(stderr, /^the database service on 127\.0\.0\.1:\d+: not serving: its log has the reason\n$/);
  });

  it('asks one service alone', async () => {
    await using database = await startFake(serving);
    const { code, stdout } = await cli(`health database ${at(database, undefined)}`);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /messaging/);
  });

  it('asks each gRPC service by name with --all', async () => {
    await using database = await startFake((service) =>
      service === 'connections.cache.v1.CacheService' ? Status.NOT_SERVING : Status.SERVING,
    );
    const { code, stdout, stderr } = await cli(`health database --all ${at(database, undefined)}`);
    assert.equal(code, 1);
    assert.deepEqual([...database.asked].sort(), [
      '',
      'connections.cache.v1.CacheService',
      'connections.schemas.v1.SchemaService',
      'connections.tasks.v1.TaskService',
      'database_service.DatabaseService',
    ]);
    assert.match(stdout, /^connections\.cache\.v1\.CacheService +\S+ +not serving /m);
    assert.match(stderr, /^connections\.cache\.v1\.CacheService on .*\n$/);
  });

  it('sends who asks a service that is not known there to the address', async () => {
    await using other = await startFake((service) => {
      if (service !== '') throw new StatusError('NOT_FOUND', `there is no service ${service} here`);
      return Status.SERVING;
    });
    const one = await cli(`health database --all ${at(other, undefined)}`);
    assert.match(one.stdout, /^connections\.cache\.v1\.CacheService +\S+ +unknown /m);
    assert.match(one.stderr, /^connections\.cache\.v1\.CacheService on .*: check the address: .*\n$/);
    const both = await cli(`health --all ${at(other, other)}`);
    assert.match(both.stderr, /^database and messaging do not serve: check their addresses: .*\n$/);
  });

  it('is one JSON document with --json, also when something is wrong', async () => {
    await using database = await startFake(serving);
    const { code, stdout } = await cli(`health --json ${at(database, undefined)}`);
    assert.equal(code, 1);
    const [first, second] = JSON.parse(stdout).services;
    assert.equal(first.status, 'SERVING');
    assert.equal(typeof first.latencyMs, 'number');
    assert.deepEqual([second.service, second.address, second.status], ['messaging', nobody, 'UNREACHABLE']);
  });

  it('waits with --wait until all serve', async () => {
    let checks = 0;
    await using database = await startFake(() => (++checks < 3 ? Status.NOT_SERVING : Status.SERVING));
    const { code } = await cli(`health database --wait 20 ${at(database, undefined)}`);
    assert.deepEqual([code, checks], [0, 3]);
  });

  it('gives up when the time of --wait is over', async () => {
    const start = performance.now();
    const { code } = await cli(`health --wait 0.5 ${at(undefined, undefined)}`);
    assert.equal(code, 1);
    assert.ok(performance.now() - start < 5_000);
  });
});
