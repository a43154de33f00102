/** How long readers of the view wait for the first right answer when Redis freezes. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectDatabase } from '@connections/proto-utils';
import { type Figure, held } from '../../run/figure.ts';
import type { FigureOptions } from './dual-figure.ts';
import { category, preparedTasks, served } from './prepared-tasks.ts';

const readers = 8;
const goalMs = 300;
const warmUpMs = 500;
const pauseMs = 5;

export const redisFreezeFigure = { name: 'redis-freeze', measure };

async function measure({ world, awayMs, room, repeats }: FigureOptions): Promise<Figure> {
  using client = connectDatabase(world.replicas[0].service.address);
  const ids = await preparedTasks(client, 'redis-freeze', readers);
  const firsts: number[] = [];
  let wrong = 0;
  for (let freeze = 0; freeze < repeats; freeze++) {
    let frozen = Number.POSITIVE_INFINITY;
    let over = false;
    const reading = ids.map(async (id) => {
      let first: number | undefined;
      while (!over) {
        const invoked = performance.now();
        const reply = await client.tasks.get({ category, id }, { timeoutMs: 10_000 }).catch(() => undefined);
        const returned = performance.now();
        if (reply && reply.task?.status !== 'new') wrong++;
        // Also of one that was under way.
        if (reply && returned > frozen && first === undefined) first = returned - Math.min(invoked, frozen);
        await delay(pauseMs);
      }
      return first ?? Number.POSITIVE_INFINITY;
    });
    await delay(warmUpMs);
    world.redis.freeze();
    frozen = performance.now();
    await delay(awayMs);
    over = true;
    firsts.push(...(await Promise.all(reading)));
    world.redis.thaw();
    await served([client]);
  }
  const first = held(
    `first right answer of the last of ${readers} readers in ${repeats} freezes`,
    Math.max(...firsts),
    goalMs,
    'ms',
    room.times,
  );
  return {
    measured: first.text,
    broken: [...first.broken, ...(wrong > 0 ? [`${wrong} wrong answers`] : [])],
  };
}
