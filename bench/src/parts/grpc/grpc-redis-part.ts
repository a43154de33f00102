/** Reads of the cache on Redis through the service, against Redis' own client and against the service on grpc-js. */
import { connectDatabase } from '@connections/proto-utils';
import { redisMissing, startRedis } from '@connections/testing';
import { startChild } from '../../child/child.ts';
import { temporaryFolder } from '../../child/temporary-folder.ts';
import { interleave } from '../../measure/interleave.ts';
import type { Case } from '../../measure/measurement.ts';
import type { LoopResult } from '../../served/closed-loop.ts';
import type { ComposedQuestion } from '../../served/composed-process.ts';
import type { CacheCallerOrder } from '../../served/grpc/cache-caller-process.ts';
import type { BenchPart } from '../bench-part.ts';
import { pairFigures } from './echo-pair.ts';

const served = (file: string) => new URL(`../../served/${file}`, import.meta.url).href;
const inFlight = 200;
const runShare = 0.4;
const key = 'bench';
const valueBytes = 100;
const goals = { redis: 0.4, grpcJs: 10 } as const;
const faces = [
  { face: 'v1', what: 'v1 Get' },
  { face: 'wire', what: 'RedisGet' },
] as const;

export const grpcRedisPart: BenchPart = {
  name: 'grpc-redis',
  group: 'grpc',
  title:
    'The cache on Redis through the service, 200 in flight, against ioredis and against grpc-js at both ends',
  missing: () => redisMissing(),
  async run({ effort, note }) {
    await using redis = await startRedis();
    const settings = { DATABASE_CACHE_URL: redis.url };
    const composed = served('composed-process.js');
    const caller = served('grpc/cache-caller-process.js');
    await using own = startChild<ComposedQuestion, string>(composed, 'server');
    await using grpcJs = startChild<ComposedQuestion, string>(composed, 'server');
    await using ownCallers = startChild<CacheCallerOrder, LoopResult>(caller, 'generator');
    await using grpcJsCallers = startChild<CacheCallerOrder, LoopResult>(caller, 'generator');
    await using redisCallers = startChild<CacheCallerOrder, LoopResult>(caller, 'generator');
    const serve = { serve: 'database', stages: true, settings } as const;
    const ownAddress = await own.ask({ ...serve, transport: 'own', folder: temporaryFolder() });
    const grpcJsAddress = await grpcJs.ask({ ...serve, transport: 'grpc-js', folder: temporaryFolder() });
    await seed(ownAddress);
    const order = { face: 'v1', key, valueBytes, inFlight, runMs: effort.runMs * runShare } as const;
    const direct: Case = {
      name: 'ioredis, pipelined',
      async run() {
        const { calls, elapsedMs, cpuMs } = await redisCallers.ask({
          ...order,
          on: 'redis',
          address: redis.url,
        });
        return { 'calls/s': calls / (elapsedMs / 1_000), 'µs of CPU/call': (cpuMs * 1_000) / calls };
      },
    };
    const through = faces.flatMap(({ face, what }): Case[] => {
      const onGrpcJs = `${what}, grpc-js`;
      const ownRun = () =>
        pairFigures(own, 'calls/s', () => ownCallers.ask({ ...order, face, on: 'own', address: ownAddress }));
      return [
        {
          name: onGrpcJs,
          run: () =>
            pairFigures(grpcJs, 'calls/s', () =>
              grpcJsCallers.ask({ ...order, face, on: 'grpc-js', address: grpcJsAddress }),
            ),
        },
        { name: `${what}, own`, against: onGrpcJs, goals: { 'calls/s': goals.grpcJs }, run: ownRun },
        {
          name: `${what}, own, against Redis`,
          against: direct.name,
          goals: { 'calls/s': goals.redis },
          run: ownRun,
        },
      ];
    });
    note(`${through.length + 1} cases`);
    return await interleave('grpc-redis', [direct, ...through], effort);
  },
};

async function seed(address: string): Promise<void> {
  using client = connectDatabase(address);
  await client.cache.set({ key, value: Buffer.alloc(valueBytes, 'x') });
}
