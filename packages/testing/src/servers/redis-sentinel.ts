/** Starts a Redis master with a replica, watched by three Sentinels. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { freePort } from './free-port.ts';
import { redisKind, startRedis } from './redis-server.ts';
import { redisCommands } from './redis-wire.ts';
import { overTakenPorts, startServer } from './server-process.ts';
import { endAll, startAll, type TestServer } from './test-server.ts';

export interface RedisSentinels extends AsyncDisposable {
  /** Names the Sentinels: `redis+sentinel://host:port,host:port,host:port/<master name>/0`. */
  readonly url: string;
  /** As started: after a failover the roles have changed, and a master that comes back is a replica. */
  readonly master: TestServer;
  readonly replica: TestServer;
  readonly sentinels: readonly TestServer[];
}

const masterName = 'mymaster';
/** A master is given up after this silence: short, for a test waits for it. */
const silenceMs = 1_000;

/** Resolves when the replica follows and the Sentinels know of it and of each other. */
export async function startRedisSentinels(): Promise<RedisSentinels> {
  const started: TestServer[] = [];
  const dispose = () => endAll(started);
  try {
    const master = await startRedis({ own: true });
    started.push(master);
    const replica = await startReplica(master);
    started.push(replica);
    const sentinels = await overTakenPorts(() => startSentinels(master, replica));
    started.push(...sentinels);
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`);
    const url = `redis+sentinel://${hosts.join(',')}/${masterName}/0`;
    return { url, master, replica, sentinels, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function startReplica(master: TestServer): Promise<TestServer> {
  const args = ['--replicaof', `127.0.0.1 ${master.port}`];
  const replica = await startRedis({ args });
  await redisCommands(master.url, ['CONFIG', 'SET', 'repl-diskless-sync-delay', '0']);
  await untilInfo(replica, 'replication', 'master_link_status:up');
  return replica;
}

/** Their ports are chosen first: told of each other they are ready at once, else they look around for seconds. */
async function startSentinels(master: TestServer, replica: TestServer): Promise<TestServer[]> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const id = (port: number) => createHash('sha1').update(`${port}`).digest('hex');
  const config = (own: number) => [
    ...[`port ${own}`, 'bind 127.0.0.1', `sentinel myid ${id(own)}`],
    `sentinel monitor ${masterName} 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds ${masterName} ${silenceMs}`,
    `sentinel failover-timeout ${masterName} ${3 * silenceMs}`,
    `sentinel known-replica ${masterName} 127.0.0.1 ${replica.port}`,
    ...ports
      .filter((port) => port !== own)
      .map((port) => `sentinel known-sentinel ${masterName} 127.0.0.1 ${port} ${id(port)}`),
  ];
  const kind = redisKind({});
  const sentinels = await startAll(
    ports.map((port) =>
      startServer(
        {
          ...kind,
          name: 'sentinel',
          prepare: ({ folder }) => writeFileSync(join(folder, 'sentinel.conf'), config(port).join('\n')),
          args: ({ folder }) => [join(folder, 'sentinel.conf'), '--sentinel'],
        },
        port,
      ),
    ),
  );
  try {
    await Promise.all(sentinels.map((sentinel) => untilInfo(sentinel, 'sentinel', 'slaves=1,sentinels=3')));
    return sentinels;
  } catch (error) {
    await endAll(sentinels);
    throw error;
  }
}

async function untilInfo({ url }: TestServer, section: string, wanted: string): Promise<void> {
  await eventually(async () => {
    const info = await redisCommands(url, ['INFO', section]);
    if (!info.includes(wanted)) throw new Error(`no ${wanted} yet:\n${info}`);
  }, 30_000);
}
