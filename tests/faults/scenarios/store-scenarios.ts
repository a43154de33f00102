/** Faults of a store's server: killed, frozen, and both stores frozen at once under a crowd of callers. */
import type { StoreName } from '../load/work.ts';
import type { Scenario } from '../scenario.ts';

/** Kill -9, and a start on the same data. */
function killed(name: string, store: StoreName): Scenario {
  return {
    name,
    breaks: [store],
    inject: ({ stores }) => stores[store].server.kill(),
    heal: ({ stores }) => stores[store].server.restart(),
  };
}

/** SIGSTOP: connections stay open, and nothing answers. */
function frozen(name: string, ...breaks: readonly StoreName[]): Scenario {
  return {
    name,
    breaks,
    inject: ({ stores }) => breaks.forEach((store) => void stores[store].server.freeze()),
    heal: ({ stores }) => breaks.forEach((store) => void stores[store].server.thaw()),
  };
}

export const redisKill = killed('redis-kill', 'redis');
export const mongoKill = killed('mongo-kill', 'mongo');
export const redisFreeze = frozen('redis-freeze', 'redis');
export const mongoFreeze = frozen('mongo-freeze', 'mongo');
export const storesFreeze: Scenario = { ...frozen('stores-freeze', 'redis', 'mongo'), crowd: true };
