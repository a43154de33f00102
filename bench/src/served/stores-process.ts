/** Our ports on real stores and the vendors' drivers beside them, in a process of their own. */
import { answerParent } from '../child/answer-parent.ts';
import { openBareMongo } from './bare-mongo.ts';
import { openBareRedis } from './bare-redis.ts';
import { closedLoop, type LoopResult } from './closed-loop.ts';
import { openPortStores } from './port-stores.ts';
import { type StoreDriver, type StoreQuestion, type StoreWay, togetherCount } from './store-ops.ts';

let drivers: Readonly<Record<StoreWay, StoreDriver>> | undefined;

answerParent<StoreQuestion, LoopResult | undefined>(async (question) => {
  if (question.ask === 'open') {
    const { redis, mongo } = question;
    const ours = await openPortStores(redis, mongo);
    drivers = { ...ours, bare: await openBare(redis, mongo) };
    return undefined;
  }
  const { on, call, inFlight, runMs } = question;
  const driver = drivers?.[on];
  if (!driver) throw new Error('no stores are open');
  const callsEach = call.op === 'task patches of 64' ? togetherCount : 1;
  return closedLoop({ inFlight, runMs, callsEach }, (index) => driver.perform(call, index));
});

async function openBare(redisUrl: string, mongoUrl: string): Promise<StoreDriver> {
  const redis = await openBareRedis(redisUrl);
  const mongo = await openBareMongo(mongoUrl);
  await mongo.indexesBuilt();
  return {
    perform(call, index) {
      switch (call.op) {
        case 'task patch':
          return mongo.patch(index);
        case 'task patches of 64':
          return mongo.patchTogether(index);
        case 'schema get':
          return mongo.findSchema();
        default:
          return redis(call.op, call.namespace, index);
      }
    },
  };
}
