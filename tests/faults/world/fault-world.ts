/** What a fault happens to: both stores, and processes of ours on them. */
import type { StoreName } from '../load/work.ts';
import { DatabaseProcess } from './database-process.ts';
import { type ProxiedStore, startProxiedMongo, startProxiedRedis } from './proxied-store.ts';

export interface FaultWorld extends AsyncDisposable {
  readonly stores: Readonly<Record<StoreName, ProxiedStore>>;
  readonly services: readonly DatabaseProcess[];
}

/** All of it runs when this resolves; when a part does not start, none is left. */
export async function openFaultWorld(processes: number): Promise<FaultWorld> {
  const opened: AsyncDisposable[] = [];
  const keep = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    opened.unshift(part);
    return part;
  };
  const close = async () => {
    for (const part of opened) await part[Symbol.asyncDispose]();
  };
  try {
    const stores = {
      redis: await keep(startProxiedRedis()),
      mongo: await keep(startProxiedMongo()),
    };
    const services: DatabaseProcess[] = [];
    while (services.length < processes) {
      services.push(await keep(DatabaseProcess.start(variablesOf(stores))));
    }
    return { stores, services, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function variablesOf({ redis, mongo }: FaultWorld['stores']): Record<string, string> {
  return {
    DATABASE_CACHE_URL: redis.url,
    DATABASE_SCHEMAS_URL: mongo.url,
    DATABASE_TASKS_URL: mongo.url,
  };
}
