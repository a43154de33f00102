/** How soon writes that do not allow a buffer are refused while MongoDB is frozen. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import { type Figure, held, percentile } from '../../run/figure.ts';
import { type FigureOptions, storelessMs } from './dual-figure.ts';
import { category, preparedTasks, served } from './prepared-tasks.ts';

const goals = { firstMs: 1_000, nextMs: 20 } as const;
const writers = 10;
const warmUpMs = 500;
const pauseMs = 10;

export const mongoFreezeFigure = { name: 'mongo-freeze', measure };

interface Refusal {
  readonly invoked: number;
  readonly ms: number;
  readonly reason: string | undefined;
}

async function measure({ world, awayMs, room }: FigureOptions): Promise<Figure> {
  using client = connectDatabase(world.replicas[0].service.address);
  const ids = await preparedTasks(client, 'mongo-freeze', writers);
  const refusals: Refusal[] = [];
  let frozen = Number.POSITIVE_INFINITY;
  let acknowledged = 0;
  let over = false;
  const writing = ids.map(async (id) => {
    while (!over) {
      const invoked = performance.now();
      const refusal = await refused(client, id);
      const returned = performance.now();
      if (!refusal && invoked > frozen) acknowledged++;
      if (refusal && returned > frozen) {
        refusals.push({ invoked, ms: returned - Math.max(invoked, frozen), reason: refusal });
      }
      await delay(pauseMs);
    }
  });
  await delay(warmUpMs);
  world.mongo.freeze();
  frozen = performance.now();
  await delay(goals.firstMs);
  const storeless: number[] = [];
  const compared = (async () => {
    for (; !over; await delay(pauseMs)) storeless.push(await storelessMs(client));
  })();
  await delay(awayMs);
  over = true;
  await Promise.all([...writing, compared]);
  world.mongo.thaw();
  await served([client]);
  const known = Math.min(...refusals.map(({ invoked, ms }) => Math.max(invoked, frozen) + ms));
  const met = refusals.filter(({ invoked }) => invoked <= known).map(({ ms }) => ms);
  const next = refusals.filter(({ invoked }) => invoked > known).map(({ ms }) => ms);
  const first = held(`refused after at most`, Math.max(...met), goals.firstMs, 'ms', room.times);
  const p99 = percentile(next, 0.99);
  const anyCall = percentile(storeless, 0.99);
  const after = held(
    `then p99 of ${next.length} calls ${p99.toFixed(1)} ms, without a store ${anyCall.toFixed(1)} ms: more by`,
    Math.max(0, p99 - anyCall),
    goals.nextMs,
    'ms',
    room.times,
  );
  const most = `max ${percentile(next, 1).toFixed(0)} ms`;
  const wrong = acknowledged > 0 ? [`${acknowledged} writes were acknowledged while MongoDB was frozen`] : [];
  return {
    measured: `${writers} writers without allow_buffered: ${first.text}, ${after.text}, ${most}`,
    broken: [...first.broken, ...after.broken, ...wrong],
  };
}

/** The reason; undefined when it was acknowledged. */
async function refused(client: DatabaseClient, id: string): Promise<string | undefined> {
  try {
    await client.tasks.patch({ category, id, status: 'next' }, { timeoutMs: 10_000 });
    return undefined;
  } catch (error) {
    return (error as { readonly reason?: string }).reason ?? 'none';
  }
}
