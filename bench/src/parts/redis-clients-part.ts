/** The client of Redis that our driver stands on, and the other one. */
import { redisMissing, startRedis } from '@connections/testing';
import { startChild } from '../child/child.ts';
import { interleave } from '../measure/interleave.ts';
import { loopFigures } from '../measure/loop-figures.ts';
import type { Case } from '../measure/measurement.ts';
import type { LoopResult } from '../served/closed-loop.ts';
import type { RedisClientName, RedisClientsQuestion } from '../served/redis-clients-process.ts';
import type { BenchPart } from './bench-part.ts';

const clients: readonly RedisClientName[] = ['redis', 'ioredis', 'ioredis, pipelined'];
const sizes = [
  { bytes: 100, what: '100 B' },
  { bytes: 10_240, what: '10 KB' },
] as const;

export const redisClientsPart: BenchPart = {
  name: 'redis-clients',
  title: 'Clients of Redis: `redis` as our driver sets it up, against `ioredis`',
  missing: () => redisMissing(),
  async run({ effort, note }) {
    const runMs = effort.runMs / 8;
    await using server = await startRedis();
    const module = new URL('../served/redis-clients-process.js', import.meta.url).href;
    await using child = startChild<RedisClientsQuestion, LoopResult | undefined>(module, 'server');
    await child.ask({ ask: 'open', url: server.url });
    const cases = sizes.flatMap(({ bytes, what }) =>
      (['get', 'set'] as const).flatMap((op) =>
        [1, 64, 1_000].flatMap((inFlight) =>
          clients.map((client): Case => {
            const name = (of: RedisClientName) => `${op} of ${what}, ${inFlight} in flight, ${of}`;
            return {
              name: name(client),
              ...(client !== 'redis' && { against: name('redis') }),
              async run() {
                const result = await child.ask({ ask: 'run', client, op, bytes, inFlight, runMs });
                if (!result) throw new Error('nothing was measured');
                return loopFigures(result);
              },
            };
          }),
        ),
      ),
    );
    note(`${cases.length} cases`);
    return await interleave('redis-clients', cases, effort);
  },
};
