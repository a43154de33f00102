/** Reads one entry of the cache: through the service by either face, or from Redis by its own client. */
import { once } from 'node:events';
import { createClient } from '@connections/grpc';
import { cacheService, wireDatabaseService } from '@connections/proto-utils';
import { Redis } from 'ioredis';
import { answerParent } from '../../child/answer-parent.ts';
import { closedLoop, type LoopResult } from '../closed-loop.ts';
import { channelOn, type TransportName } from './transport.ts';

export interface CacheCallerOrder {
  /** `redis`: ioredis, which sends the commands of a turn together. */
  readonly on: TransportName | 'redis';
  /** `host:port`, or the URL of Redis. */
  readonly address: string;
  readonly face: 'v1' | 'wire';
  readonly key: string;
  readonly valueBytes: number;
  readonly inFlight: number;
  readonly runMs: number;
}

/** What was read, in bytes. */
type Read = () => Promise<number | undefined>;

const opened = new Map<string, Read>();

answerParent<CacheCallerOrder, LoopResult>(async (order) => {
  const { on, address, face, valueBytes, inFlight, runMs } = order;
  const name = `${on} ${address} ${face}`;
  const read = opened.get(name) ?? (await readOf(order));
  opened.set(name, read);
  return await closedLoop({ inFlight, runMs }, async () => {
    if ((await read()) !== valueBytes) throw new Error(`${name} answered with another value`);
  });
});

async function readOf({ on, address, face, key }: CacheCallerOrder): Promise<Read> {
  if (on === 'redis') {
    const redis = new Redis(address, { enableAutoPipelining: true });
    await once(redis, 'ready');
    return async () => (await redis.getBuffer(key))?.length;
  }
  const channel = channelOn(on, address);
  if (face === 'v1') {
    const { get } = createClient(cacheService, channel);
    return async () => (await get({ key })).entry?.value.length;
  }
  const { redisGet } = createClient(wireDatabaseService, channel);
  return async () => (await redisGet({ key })).value?.length;
}
