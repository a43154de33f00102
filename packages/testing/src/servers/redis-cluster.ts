/** Starts a Redis Cluster of three masters, without replicas or with one. */
import { eventually } from '../eventually.ts';
import { redisKind } from './redis-server.ts';
import { redisCommands } from './redis-wire.ts';
import { startServer } from './server-process.ts';
import { endAll, startAll, type TestServer } from './test-server.ts';

export interface RedisClusterOptions {
  /** Of the first master. @default false */
  readonly withReplica?: boolean;
}

export interface RedisCluster extends AsyncDisposable {
  /** Names all three: `redis+cluster://host:port,host:port,host:port`. */
  readonly url: string;
  /** The masters: each holds a third of the slots, in order. */
  readonly nodes: readonly TestServer[];
  /** Of the first master, which it follows; undefined where none was asked for. */
  readonly replica: TestServer | undefined;
}

const slots = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
];

/** Resolves when every node sees every slot served. */
export async function startRedisCluster({
  withReplica = false,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const length = slots.length + (withReplica ? 1 : 0);
  const started = await startAll(Array.from({ length }, startNode));
  const nodes = started.slice(0, slots.length);
  const replica = started[slots.length];
  try {
    await join(started);
    if (replica && nodes[0]) await follow(replica, nodes[0]);
  } catch (error) {
    await endAll(started);
    throw error;
  }
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    replica,
    [Symbol.asyncDispose]: () => endAll(started),
  };
}

/** The port that nodes talk to each other on is the next one: that it is taken is told as for the first. */
function busPort(port: number): number {
  return port + 1;
}

function startNode(): Promise<TestServer> {
  const kind = redisKind({});
  return startServer({
    ...kind,
    args: (place) => [
      ...kind.args(place),
      ...['--cluster-enabled', 'yes', '--cluster-port', `${busPort(place.port)}`],
      // What is left of the cluster serves on when a node is down.
      ...['--cluster-node-timeout', '2000', '--cluster-require-full-coverage', 'no'],
    ],
  });
}

async function join(nodes: readonly TestServer[]): Promise<void> {
  const first = nodes[0]?.port ?? 0;
  for (const [at, { url }] of nodes.entries()) {
    await redisCommands(
      url,
      ...(slots[at] ? [['CLUSTER', 'ADDSLOTSRANGE', ...slots[at]]] : []),
      // Nodes that all start with epoch 0 would have to settle which of them knows better.
      ['CLUSTER', 'SET-CONFIG-EPOCH', `${at + 1}`],
      ...(at === 0 ? [] : [['CLUSTER', 'MEET', '127.0.0.1', `${first}`, `${busPort(first)}`]]),
    );
  }
  const whole = ['cluster_state:ok', 'cluster_slots_assigned:16384', `cluster_known_nodes:${nodes.length}`];
  await Promise.all(
    nodes.map(({ url }) =>
      eventually(async () => {
        const info = await redisCommands(url, ['CLUSTER', 'INFO']);
        if (!whole.every((line) => info.includes(`${line}\r\n`))) throw new Error(`no cluster yet:\n${info}`);
      }, 30_000),
    ),
  );
}

async function follow({ url }: TestServer, master: TestServer): Promise<void> {
  await redisCommands(master.url, ['CONFIG', 'SET', 'repl-diskless-sync-delay', '0']);
  await redisCommands(url, ['CLUSTER', 'REPLICATE', await redisCommands(master.url, ['CLUSTER', 'MYID'])]);
  await eventually(async () => {
    const info = await redisCommands(url, ['INFO', 'replication']);
    if (!info.includes('master_link_status:up')) throw new Error(`it does not follow yet:\n${info}`);
  }, 30_000);
}
