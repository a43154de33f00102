/** Two of our processes on one Redis and one MongoDB, each on a network of its own to each store. */
import {
  type FaultProxy,
  prepareMongo,
  startFaultProxy,
  startMongo,
  startRedis,
  type TestServer,
} from '@connections/testing';
import { FaultedService } from '../../world/faulted-service.ts';
import { openedTogether } from '../../world/opened-together.ts';

export interface Replica {
  readonly service: FaultedService;
  readonly toRedis: FaultProxy;
  readonly toMongo: FaultProxy;
}

export interface DualWorld extends AsyncDisposable {
  readonly redis: TestServer;
  readonly mongo: TestServer;
  /** Past the proxies. */
  readonly mongoUrl: string;
  readonly replicas: readonly [Replica, Replica];
}

/** Both stores keep what they acknowledge over a kill. */
export async function openDualWorld(): Promise<DualWorld> {
  return openedTogether(async (keep) => {
    const redis = await keep(startRedis({ own: true, appendOnly: true }));
    const mongo = await keep(startMongo({ own: true, syncOnCommit: true }));
    const mongoUrl = `mongodb://127.0.0.1:${mongo.port}/connections`;
    await prepareMongo(mongoUrl);
    const replica = async (): Promise<Replica> => {
      const toRedis = await keep(startFaultProxy(redis.port));
      const toMongo = await keep(startFaultProxy(mongo.port));
      const redisUrl = toRedis.through(redis.url);
      // A member of a replica set tells its own address, which would lead past the proxy.
      const ledgerUrl = `${toMongo.through(mongoUrl)}?directConnection=true`;
      const service = await keep(
        FaultedService.start('database', {
          DATABASE_CACHE_URL: redisUrl,
          DATABASE_SCHEMAS_URL: ledgerUrl,
          DATABASE_TASKS_URL: ledgerUrl,
          DATABASE_TASKS_VIEW_URL: redisUrl,
        }),
      );
      return { service, toRedis, toMongo };
    };
    return {
      redis,
      mongo,
      mongoUrl,
      replicas: [await replica(), await replica()],
    };
  });
}
