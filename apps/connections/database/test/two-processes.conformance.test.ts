/**
 * Two processes of ours on one Redis and one MongoDB keep the contract of the ports as one does: every call of a clause
 * goes to the other of the two. A reopening goes to two more, which know nothing but what the stores hold.
 */
import { describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '@connections/grpc';
import { mongoMissing, type OpenPort, redisMissing, runClauses } from '@connections/testing';
import { cacheV1Clauses } from '../conformance/cache-clauses.ts';
import { schemasV1Clauses } from '../conformance/schemas-clauses.ts';
import { tasksV1Clauses } from '../conformance/tasks-clauses.ts';
import { wireCache } from '../conformance/wire-cache.ts';
import { wireSchemas } from '../conformance/wire-schemas.ts';
import { wireTasks } from '../conformance/wire-tasks.ts';
import { clockToleranceMs } from '../src/driver/redis/server-facts.ts';
import type { Cache } from '../src/port/cache.ts';
import type { Schemas } from '../src/port/schemas.ts';
import type { Tasks } from '../src/port/tasks.ts';
import { alternatingChannel } from './alternating-channel.ts';
import { cacheInDefault, schemasInDefault, tasksInDefault } from './default-namespace.ts';
import { emptyCollections, emptyDefaultCache, type SharedStores, sharedStores } from './shared-stores.ts';

/** As the drivers on these servers declare them. */
const capabilities = { durable: true, expiryResolutionMs: clockToleranceMs };
const skip = redisMissing({ own: true }) ?? mongoMissing({ own: true }) ?? false;

type Adapt<Port> = (channel: Channel) => Port;
type Empty = (stores: SharedStores) => Promise<unknown>;

// The clauses of the cache wait for expiries in real time: the others go on meanwhile.
describe('two processes on the same stores', { skip, concurrency: true }, () => {
  const stores = sharedStores(4);

  /** `empty` goes before each clause. */
  function open<Port>(adapt: Adapt<Port>, empty: Empty = async () => {}): OpenPort<Port> {
    return async () => {
      await empty(stores());
      const [a, b, c, d] = stores().processes.map(({ channel }) => channel);
      if (!a || !b || !c || !d) throw new Error('there are fewer than four processes');
      return {
        port: adapt(alternatingChannel([a, b])),
        passTime: (ms) => sleep(ms),
        reopen: async () => adapt(alternatingChannel([c, d])),
        [Symbol.asyncDispose]: async () => {},
      };
    };
  }

  const cache: Adapt<Cache> = (channel) => wireCache(channel, capabilities, Date.now);
  describe('cache', { concurrency: 1 }, () => {
    runClauses('in a namespace', cacheV1Clauses, open(cache));
  });
  describe('cache', { concurrency: 1 }, () => {
    const inDefault: Adapt<Cache> = (channel) => cacheInDefault(cache(channel));
    runClauses('in the default namespace', cacheV1Clauses, open(inDefault, emptyDefaultCache));
  });

  const schemas: Adapt<Schemas> = (channel) => wireSchemas(channel, capabilities);
  describe('schemas', { concurrency: 1 }, () => {
    const inDefault: Adapt<Schemas> = (channel) => schemasInDefault(schemas(channel));
    const empty: Empty = ({ mongo }) => emptyCollections(mongo, 'schemas');
    runClauses('in a namespace', schemasV1Clauses, open(schemas));
    runClauses('in the default namespace', schemasV1Clauses, open(inDefault, empty));
  });

  const tasks: Adapt<Tasks> = (channel) => wireTasks(channel, capabilities);
  describe('tasks', { concurrency: 1 }, () => {
    const inDefault: Adapt<Tasks> = (channel) => tasksInDefault(tasks(channel));
    const empty: Empty = ({ mongo }) => emptyCollections(mongo, 'tasks');
    runClauses('in a namespace', tasksV1Clauses, open(tasks));
    runClauses('in the default namespace', tasksV1Clauses, open(inDefault, empty));
  });
});
