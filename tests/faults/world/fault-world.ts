/** What a fault happens to: both stores, and processes of ours on them. */
import type { StoreName } from '../load/work.ts';
import { FaultedService } from './faulted-service.ts';
import { openedTogether } from './opened-together.ts';
import { type ProxiedStore, startProxiedMongo, startProxiedRedis } from './proxied-store.ts';

export interface FaultWorld extends AsyncDisposable {
  readonly stores: Readonly<Record<StoreName, ProxiedStore>>;
  readonly services: readonly FaultedService[];
}

/** All of it runs when this resolves. */
export async function openFaultWorld(processes: number): Promise<FaultWorld> {
  return openedTogether(async (keep) => {
    const stores = {
      redis: await keep(startProxiedRedis()),
      mongo: await keep(startProxiedMongo()),
    };
    const services: FaultedService[] = [];
    while (services.length < processes) {
      services.push(await keep(FaultedService.start('database', variablesOf(stores))));
    }
    return { stores, services };
  });
}

function variablesOf({ redis, mongo }: FaultWorld['stores']): Record<string, string> {
  return {
    DATABASE_CACHE_URL: redis.url,
    DATABASE_SCHEMAS_URL: mongo.url,
    DATABASE_TASKS_URL: mongo.url,
  };
}
