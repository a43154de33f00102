/** What happens to two stores, to the networks between, and to the two processes of ours. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from '@connections/testing';
import type { SeededChance } from '../run/seeded-chance.ts';
import type { DualWorld, Replica } from './world/dual-world.ts';
import { RedisImage } from './world/redis-image.ts';

type Place = 'redis' | 'mongo' | 'to-redis' | 'to-mongo' | 'replica';

export interface Ongoing {
  /** Resolves when what had failed answers again. */
  heal(): Promise<void> | void;
  /** Redis lost what it was told between the two. */
  readonly lost?: readonly [from: number, to: number];
}

export interface DualFault {
  readonly name: string;
  /** Two faults of one place do not happen at once. */
  readonly places: readonly Place[];
  begin(world: DualWorld, chance: SeededChance): Promise<Ongoing>;
}

type Store = 'redis' | 'mongo';

function frozen(store: Store): DualFault {
  return {
    name: `${store}-freeze`,
    places: [store],
    async begin(world) {
      world[store].freeze();
      return { heal: () => world[store].thaw() };
    },
  };
}

function killed(store: Store): DualFault {
  return {
    name: `${store}-kill`,
    places: [store],
    async begin(world) {
      await world[store].kill();
      return { heal: () => world[store].restart() };
    },
  };
}

/** Nothing arrives, or every connection is reset. */
function cut(
  name: string,
  places: readonly Place[],
  proxiesOf: (one: Replica, other: Replica) => FaultProxy[],
): DualFault {
  return {
    name,
    places,
    async begin({ replicas }, chance) {
      const [one, other] = chance.shuffled(replicas) as [Replica, Replica];
      const proxies = proxiesOf(one, other);
      for (const proxy of proxies) {
        if (chance.is(0.5)) proxy.blackHole();
        else proxy.reset();
      }
      return {
        heal: () => {
          for (const proxy of proxies) proxy.heal();
        },
      };
    },
  };
}

const replicaKill: DualFault = {
  name: 'replica-kill',
  places: ['replica'],
  async begin({ replicas }, chance) {
    const { service } = chance.of(replicas);
    await service.kill();
    return { heal: () => service.restart() };
  },
};

const replicaFreeze: DualFault = {
  name: 'replica-freeze',
  places: ['replica'],
  async begin({ replicas }, chance) {
    const { service } = chance.of(replicas);
    service.signal('SIGSTOP');
    return { heal: () => service.signal('SIGCONT') };
  },
};

/** Redis comes back as it was a while ago. */
const redisOlder: DualFault = {
  name: 'redis-older',
  places: ['redis'],
  async begin({ redis }, chance) {
    const from = performance.now();
    using image = await RedisImage.take(redis);
    await delay(chance.between(500, 1_500));
    await image.putBack(redis);
    const to = performance.now();
    await redis.restart();
    return { heal: () => {}, lost: [from, to] };
  },
};

export const dualFaults: readonly DualFault[] = [
  frozen('redis'),
  killed('redis'),
  redisOlder,
  frozen('mongo'),
  killed('mongo'),
  replicaKill,
  replicaFreeze,
  cut('redis-cut', ['to-redis'], (one, other) => [one.toRedis, other.toRedis]),
  cut('mongo-cut', ['to-mongo'], (one, other) => [one.toMongo, other.toMongo]),
  cut('redis-cut-from-one', ['to-redis'], (one) => [one.toRedis]),
  cut('mongo-cut-from-one', ['to-mongo'], (one) => [one.toMongo]),
  cut('asymmetric-cut', ['to-redis', 'to-mongo'], (one, other) => [one.toRedis, other.toMongo]),
];

/** What a second fault may be: where it happens nothing else does. */
export function besides({ places }: DualFault): DualFault[] {
  return dualFaults.filter((fault) => fault.places.every((place) => !places.includes(place)));
}
