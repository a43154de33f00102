/** Our drivers of Redis and MongoDB against the vendors' drivers that they stand on, sending the same commands. */
import { mongoMissing, prepareMongo, redisMissing, startMongo, startRedis } from '@connections/testing';
import { startChild } from '../child/child.ts';
import { interleave } from '../measure/interleave.ts';
import { loopFigures } from '../measure/loop-figures.ts';
import type { Case } from '../measure/measurement.ts';
import type { LoopResult } from '../served/closed-loop.ts';
import {
  cacheNamespaces,
  cacheOps,
  type StoreCall,
  type StoreQuestion,
  type StoreWay,
} from '../served/store-ops.ts';
import type { BenchPart } from './bench-part.ts';

const openMs = 300_000;
/** A test server of MongoDB does some hundred writes a second: a run has to hold several batches of them. */
const mongoShare = 0.5;
const redisShare = 0.125;

interface Way {
  readonly on: StoreWay;
  readonly call: StoreCall;
  readonly inFlight: number;
}

export const storesPart: BenchPart = {
  name: 'stores',
  title: 'Our drivers of Redis and MongoDB, each against the bare driver that it stands on',
  missing: () => redisMissing() ?? mongoMissing(),
  async run({ effort, note }) {
    await using redis = await startRedis();
    await using mongo = await startMongo();
    await prepareMongo(mongo.url);
    const module = new URL('../served/stores-process.js', import.meta.url).href;
    await using child = startChild<StoreQuestion, LoopResult | undefined>(module, 'server');
    await child.ask({ ask: 'open', redis: redis.url, mongo: mongo.url }, openMs);

    const storeCase = (name: string, way: Way, share: number, against?: string): Case => ({
      name,
      ...(against !== undefined && { against }),
      async run() {
        const result = await child.ask({ ask: 'run', ...way, runMs: effort.runMs * share });
        if (!result) throw new Error('nothing was measured');
        return loopFigures(result);
      },
    });
    /** Side by side, and against the bare driver. */
    const beside = (ways: readonly StoreWay[], what: string, call: StoreCall, share: number): Case[] =>
      [1, 64].flatMap((inFlight) => {
        const name = (on: StoreWay) => `${what}, ${on}, ${inFlight} in flight`;
        return ways.map((on) =>
          storeCase(name(on), { on, call, inFlight }, share, on === 'bare' ? undefined : name('bare')),
        );
      });

    const cacheCases = cacheOps.flatMap((op) =>
      cacheNamespaces.flatMap((namespace) => {
        const ways: StoreWay[] = op === 'cache get' ? ['bare', 'port', 'budgeted'] : ['bare', 'port'];
        return beside(ways, `${op}, ${namespace}`, { op, namespace }, redisShare);
      }),
    );
    const patch = { op: 'task patch' } as const;
    const alone = 'task patches, bare, one at a time';
    const mongoCases = [
      ...beside(['bare', 'port'], 'schema get', { op: 'schema get' }, mongoShare),
      storeCase(alone, { on: 'bare', call: patch, inFlight: 1 }, mongoShare),
      ...(
        [
          ['port, one at a time', { on: 'port', call: patch, inFlight: 1 }],
          ['bare, 64 in flight, an operation each', { on: 'bare', call: patch, inFlight: 64 }],
          ['bare, 64 in one bulk write', { on: 'bare', call: { op: 'task patches of 64' }, inFlight: 1 }],
          ['port, 64 in flight, together', { on: 'port', call: patch, inFlight: 64 }],
        ] as const
      ).map(([what, way]) => storeCase(`task patches, ${what}`, way, mongoShare, alone)),
    ];
    note(`${cacheCases.length} cases on Redis, ${mongoCases.length} on MongoDB`);
    return [
      ...(await interleave('stores', cacheCases, effort)),
      ...(await interleave('stores', mongoCases, effort)),
    ];
  },
};
