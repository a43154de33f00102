/** The Redis drivers of the Database service: the ports that one URL offers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@connections/runtime';
import type { Cache } from '../../port/cache.ts';
import type { LegacyTasks } from '../../port/legacy-tasks.ts';
import type { TaskView } from '../../port/task-view.ts';
import { ClusterServers } from './cluster-servers.ts';
import { RedisCache } from './redis-cache.ts';
import { RedisLegacyTasks } from './redis-legacy-tasks.ts';
import type { RedisServers } from './redis-servers.ts';
import { RedisTaskView } from './redis-task-view.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';
import { sentinelLookup } from './sentinel-lookup.ts';
import type { ServerFacts } from './server-facts.ts';
import { SingleServer } from './single-server.ts';

/** Servers that are there answer sooner; those that are not are reached later. */
const firstTryMs = 500;

export interface RedisDatabaseOptions {
  readonly url: string;
  readonly clock: Clock;
}

/** Disposing of a port closes that port; disposing of the database closes it and the connections. */
export interface RedisDatabase extends AsyncDisposable {
  /** The URL without credentials. */
  readonly where: string;
  readonly cache: Cache;
  readonly taskView: TaskView;
  readonly legacyTasks: LegacyTasks;
  /** How the servers are set up so that a promise of the cache does not hold, as they have said by now. */
  readonly concerns: readonly string[];
  /** The same of the view. */
  readonly viewConcerns: readonly string[];
}

/** Resolves whether or not a server is there. Throws a RangeError for a URL that is none of Redis. */
export async function openRedisDatabase(options: RedisDatabaseOptions): Promise<RedisDatabase> {
  const address = parseRedisUrl(options.url);
  const servers = serversAt(address, options);
  const cache = new RedisCache(servers, options.clock);
  const taskView = new RedisTaskView(servers);
  const legacyTasks = new RedisLegacyTasks(servers);
  await Promise.race([servers.tried, sleep(firstTryMs, undefined, { ref: false })]);
  return {
    where: address.where,
    cache,
    taskView,
    legacyTasks,
    get concerns() {
      return evictionConcerns(servers.facts);
    },
    get viewConcerns() {
      return bufferConcerns(servers.facts);
    },
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await taskView[Symbol.asyncDispose]();
      await legacyTasks[Symbol.asyncDispose]();
      await servers[Symbol.asyncDispose]();
    },
  };
}

function serversAt(address: RedisAddress, { clock }: RedisDatabaseOptions): RedisServers {
  const { topology, endpoints, masterName, access } = address;
  const link = { access, clock };
  if (topology === 'cluster') return new ClusterServers(endpoints, link);
  const [endpoint] = endpoints;
  if (!endpoint) throw new RangeError('no host');
  const replicated = topology === 'sentinel';
  const locate = replicated ? sentinelLookup(endpoints, masterName, access) : async () => endpoint;
  return new SingleServer({ ...link, cluster: false, locate }, { replicated });
}

/** Every entry has an expiry, so that each of the policies may drop it; an index goes before its entries. */
function evictionConcerns(facts: readonly ServerFacts[]): string[] {
  const policies = new Set(facts.flatMap(({ evictionPolicy }) => evictionPolicy ?? []));
  return [...policies].map(
    (policy) =>
      `Redis may drop cache entries before their expiry (maxmemory-policy ${policy}): set noeviction`,
  );
}

/** A server that has not said so counts as one that may: an append is refused there. */
function bufferConcerns(facts: readonly ServerFacts[]): string[] {
  if (facts.every(({ keepsLasting }) => keepsLasting)) return [];
  return [
    'Redis may drop what has no expiry, so that no write is buffered: set maxmemory-policy noeviction, and let the user read INFO',
  ];
}
