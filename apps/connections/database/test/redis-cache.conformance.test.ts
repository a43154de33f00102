/** The cache on Redis keeps the contract of its port: on one server, on a Cluster and behind Sentinels. */
import { after, before, describe } from 'node:test';
import {
  redisCommands,
  redisMissing,
  runClauses,
  startRedis,
  startRedisCluster,
  startRedisSentinels,
  type TestServer,
} from '@connections/testing';
import { cacheClauses } from '../conformance/cache-clauses.ts';
import { cacheInDefault } from './default-namespace.ts';
import { openRedisPort } from './redis-ports.ts';

interface Store extends AsyncDisposable {
  readonly url: string;
}

interface Setup<Started extends Store> {
  readonly skip: string | undefined;
  readonly start: () => Promise<Started>;
  readonly whileClosed?: (store: Started) => Promise<unknown>;
}

const own = redisMissing({ own: true });
const lasting = () => startRedis({ appendOnly: true });
/** What is acknowledged is in the file: a server that was killed has it. */
const killed: Setup<TestServer> = { skip: own, start: lasting, whileClosed: (server) => server.restart() };

// Clauses wait for expiries in real time: the stores do so side by side.
describe('cache on Redis', { concurrency: true }, () => {
  // Whether that of REDIS_TEST_URL appends to a file is its own affair.
  const start = process.env.REDIS_TEST_URL === undefined ? lasting : () => startRedis();
  namedNamespaces('one server', { skip: redisMissing(), start });
  namedNamespaces('one server, killed with every reopening', killed);
  namedNamespaces('Cluster', { skip: own, start: () => startRedisCluster() });
  namedNamespaces('Sentinels', { skip: own, start: startRedisSentinels });
  defaultNamespace('one server, killed with every reopening', killed, ({ url }) => [url]);
  defaultNamespace('Cluster', { skip: own, start: () => startRedisCluster() }, ({ nodes }) =>
    nodes.map(({ url }) => url),
  );
});

function namedNamespaces<Started extends Store>(
  title: string,
  { skip, start, whileClosed }: Setup<Started>,
): void {
  describe(`${title}, named namespaces`, { skip: skip ?? false, concurrency: 1 }, () => {
    const store = started(start);
    const open = openRedisPort(() => store().url, { whileClosed: async () => whileClosed?.(store()) });
    runClauses('clauses', cacheClauses, open);
  });
}

/** One for all clauses: it is emptied before each. */
function defaultNamespace<Started extends Store>(
  title: string,
  { skip, start, whileClosed }: Setup<Started>,
  masters: (store: Started) => readonly string[],
): void {
  describe(`${title}, default namespace`, { skip: skip ?? false, concurrency: 1 }, () => {
    const store = started(start);
    const open = openRedisPort(() => store().url, {
      prepare: () => Promise.all(masters(store()).map((url) => redisCommands(url, ['FLUSHALL']))),
      whileClosed: async () => whileClosed?.(store()),
      wrap: cacheInDefault,
    });
    runClauses('clauses', cacheClauses, open);
  });
}

/** Runs for the suite it is called in. */
function started<Started extends Store>(start: () => Promise<Started>): () => Started {
  let store: Started | undefined;
  before(async () => {
    store = await start();
  });
  after(() => store?.[Symbol.asyncDispose]());
  return () => {
    if (!store) throw new Error('not started');
    return store;
  };
}
