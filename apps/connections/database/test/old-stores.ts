/** A Redis and a MongoDB as the first implementation left them, with the Database service on them. */
import { type Channel, createClient } from '@connections/grpc';
import { wireDatabaseService } from '@connections/proto-utils';
import { prepareMongo, sabotaged, startMongo, startRedis } from '@connections/testing';
import { type Db, MongoClient } from 'mongodb';
import { createClient as createRedisClient, type RedisClientType } from 'redis';
import { type DatabaseProcess, oldVariables, startDatabaseProcess } from './database-process.ts';
import { forSuite } from './suite-resources.ts';

/** What reads and writes the stores as the first implementation does. */
export interface RawStores {
  readonly redis: RedisClientType;
  readonly mongo: Db;
}

export interface OldStores extends RawStores {
  readonly service: DatabaseProcess;
  /** Of the service: another one can be started on the same stores. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: ReturnType<typeof wireClient>;
  /** The methods of the wire contract that were called by now. */
  readonly called: ReadonlySet<string>;
}

/** For the suite that it is called in: the service starts when `seed` is done, with the old variables and `env` alone. */
export function oldStores(
  seed: (stores: RawStores) => Promise<unknown>,
  env: Readonly<Record<string, string>> = {},
): () => OldStores {
  return forSuite(async (keep) => {
    const redisServer = keep(await startRedis({ password: 'p@ss/word' }));
    const mongoServer = keep(await startMongo({ own: true }));
    const url = `mongodb://127.0.0.1:${mongoServer.port}/typechecking`;
    await prepareMongo(url);
    const mongo = await MongoClient.connect(url);
    keep({ [Symbol.asyncDispose]: () => mongo.close() });
    const redis: RedisClientType = createRedisClient({ url: redisServer.url });
    await redis.connect();
    keep({ [Symbol.asyncDispose]: () => redis.close() });
    const raw = { redis, mongo: mongo.db() };
    await seed(raw);
    const old = oldVariables(redisServer, mongoServer, 'typechecking');
    const given = { ...old, ...env };
    const service = keep(await startDatabaseProcess(given));
    const called = new Set<string>();
    return { ...raw, service, env: given, called, client: wireClient(service.channel, called) };
  });
}

function wireClient(channel: Channel, called: Set<string>) {
  const noting = sabotaged(channel, {
    unary: (method, ...rest) => {
      called.add(method.path);
      return channel.unary(method, ...rest);
    },
  });
  return createClient(wireDatabaseService, noting);
}
