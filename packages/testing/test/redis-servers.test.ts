/** The Redis servers of tests: alone, as a cluster and under Sentinels. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import { eventually } from '../src/eventually.ts';
import { freePort } from '../src/servers/free-port.ts';
import { startRedisCluster } from '../src/servers/redis-cluster.ts';
import { startRedisSentinels } from '../src/servers/redis-sentinel.ts';
import { redisKind, redisMissing, startRedis } from '../src/servers/redis-server.ts';
import { redisCommands } from '../src/servers/redis-wire.ts';
import { overTakenPorts, startServer } from '../src/servers/server-process.ts';
import { withEnvironment } from './with-environment.ts';

suite('Test servers: Redis', { skip: redisMissing({ own: true }) ?? false }, () => {
  test('a server answers when it has started, and not when it is disposed of', async () => {
    const server = await startRedis({ own: true });
    assert.equal(await redisCommands(server.url, ['PING']), 'PONG');
    await server[Symbol.asyncDispose]();
    await assert.rejects(redisCommands(server.url, ['PING']), { code: 'ECONNREFUSED' });
  });

  test('what an append-only server acknowledged outlives a kill, on the same port', async () => {
    await using server = await startRedis({ appendOnly: true, password: 'p@ss: wörd' });
    await redisCommands(server.url, ['SET', 'key', 'kept']);
    await server.kill();
    await assert.rejects(redisCommands(server.url, ['PING']), { code: 'ECONNREFUSED' });
    await server.restart();
    assert.equal(await redisCommands(server.url, ['GET', 'key']), 'kept');
  });

  test('a frozen server takes connections and answers when it is thawed', async () => {
    await using server = await startRedis({ own: true });
    server.freeze();
    let answered = false;
    const reply = redisCommands(server.url, ['PING']).finally(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(answered, false);
    server.thaw();
    assert.equal(await reply, 'PONG');
  });

  test('a frozen server can be ended', async () => {
    const server = await startRedis({ own: true });
    server.freeze();
    await server[Symbol.asyncDispose]();
    await assert.rejects(redisCommands(server.url, ['PING']), { code: 'ECONNREFUSED' });
  });

  test('a port that is lost to another process is given up for another one', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    assert.ok(address !== null && typeof address === 'object');
    const ports = [address.port, await freePort()];
    await using server = await overTakenPorts(() => startServer(redisKind({}), ports.shift()));
    assert.notEqual(server.port, address.port);
    taken.close();
  });

  test('a port that another Redis has is not taken for one of its own', async () => {
    await using first = await startRedis({ own: true });
    await assert.rejects(startRedis({ port: first.port }), /ended on port/);
  });

  test('many start at once, each on its own port', async () => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => startRedis({ own: true })));
    assert.equal(new Set(servers.map(({ port }) => port)).size, 8);
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });

  test('a server that does not start tells what it said', async () => {
    await assert.rejects(startRedis({ args: ['--no-such-directive', '1'] }), /no-such-directive/);
  });

  test('a given server lends an empty database to each, and has it back as it was', async () => {
    await using given = await startRedis({ own: true });
    await redisCommands(given.url, ['SELECT', '1'], ['SET', 'of others', '1']);
    await withEnvironment({ REDIS_TEST_URL: given.url }, async () => {
      const [one, other] = await Promise.all([startRedis(), startRedis()]);
      assert.deepEqual([one, other].map(({ url }) => new URL(url).pathname).sort(), ['/2', '/3']);
      assert.throws(() => one.freeze(), /REDIS_TEST_URL/);
      await redisCommands(one.url, ['SELECT', new URL(one.url).pathname.slice(1)], ['SET', 'ours', '1']);
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    });
    assert.match(await redisCommands(given.url, ['INFO', 'keyspace']), /^# Keyspace\r\ndb1:keys=1,\S*\r\n$/);
  });

  test('a cluster serves every slot, and the rest of them when a node is down', async () => {
    await using cluster = await startRedisCluster();
    assert.match(cluster.url, /^redis\+cluster:\/\/(127\.0\.0\.1:\d+,?){3}$/);
    const [first, second, third] = cluster.nodes.map(({ url }) => url);
    assert.ok(first && second && third);
    // Slots 12 182, 5 061 and 9 189 (CRC16 of the names, modulo 16 384).
    assert.equal(await redisCommands(third, ['SET', 'foo', '1']), 'OK');
    assert.equal(await redisCommands(first, ['SET', 'bar', '1']), 'OK');
    await assert.rejects(redisCommands(second, ['SET', 'bar', '1']), /^Error: MOVED 5061 /);
    await cluster.nodes[2]?.kill();
    await eventually(async () => {
      assert.match(await redisCommands(first, ['CLUSTER', 'NODES']), /fail/);
      assert.equal(await redisCommands(first, ['GET', 'bar']), '1');
    }, 15_000);
    await cluster.nodes[2]?.restart();
    await eventually(async () => {
      assert.equal(await redisCommands(third, ['SET', 'foo', '2']), 'OK');
    }, 15_000);
  });

  test('Sentinels name the replica when the master is killed, and take the old master back as a replica', async () => {
    await using redis = await startRedisSentinels();
    assert.match(redis.url, /^redis\+sentinel:\/\/(127\.0\.0\.1:\d+,?){3}\/mymaster\/0$/);
    const sentinel = redis.sentinels[0]?.url;
    assert.ok(sentinel);
    const named = () => redisCommands(sentinel, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster']);
    assert.match(await named(), new RegExp(`\r\n${redis.master.port}\r\n`));
    await redis.master.kill();
    await eventually(async () => {
      assert.match(await named(), new RegExp(`\r\n${redis.replica.port}\r\n`));
      assert.equal(await redisCommands(redis.replica.url, ['SET', 'key', '1']), 'OK');
    }, 20_000);
    await redis.master.restart();
    await eventually(async () => {
      assert.equal(await redisCommands(redis.master.url, ['GET', 'key']), '1');
    }, 30_000);
  });
});
