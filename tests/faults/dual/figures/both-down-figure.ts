/** How soon calls are refused while both stores are frozen, and what a thousand of them in a second cost in memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { isStatusError } from '@connections/grpc';
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import { type Figure, held, percentile } from '../../run/figure.ts';
import { MemoryWatch } from '../../run/memory-watch.ts';
import { type FigureOptions, storelessMs } from './dual-figure.ts';
import { category, preparedTasks, restedView, served } from './prepared-tasks.ts';

const goals = { refusedMs: 100, grownMiB: 20 } as const;
const tickMs = 10;
/** Until both are known to be away, and the heap of the process is what it is under such a load. */
const warmUpMs = 3_000;
const tasks = 16;
/** Less says nothing of memory. */
const leastMs = 10_000;

export const bothDownFigure = { name: 'both-down', measure };

async function measure({ world, awayMs, room, callsPerSecond }: FigureOptions): Promise<Figure> {
  const { service } = world.replicas[0];
  using client = connectDatabase(service.address);
  const ids = await preparedTasks(client, 'both-down', tasks);
  world.redis.freeze();
  world.mongo.freeze();
  const calling = new OpenCalls(client, ids, callsPerSecond);
  calling.start();
  await delay(warmUpMs);
  calling.forget();
  const begun = performance.now();
  const storeless: number[] = [];
  let memory: readonly [number, number];
  {
    await using watch = new MemoryWatch(() => service.residentMiB());
    while (performance.now() - begun < Math.max(awayMs, leastMs)) {
      storeless.push(await storelessMs(client));
      await delay(tickMs);
    }
    memory = watch.peaks;
  }
  const seconds = (performance.now() - begun) / 1_000;
  await calling.stop();
  world.redis.thaw();
  world.mongo.thaw();
  await served([client]);
  await restedView(world);
  const { times, odd } = calling;
  const p99 = percentile(times, 0.99);
  const anyCall = percentile(storeless, 0.99);
  const refused = held(
    `UNAVAILABLE p99 ${p99.toFixed(1)} ms, without a store ${anyCall.toFixed(1)} ms: more by`,
    Math.max(0, p99 - anyCall),
    goals.refusedMs,
    'ms',
    room.times,
  );
  // The process has to have told it in both halves.
  const growth = memory[1] - memory[0];
  const grown = held(
    `memory ${memory[0].toFixed(0)} MiB and`,
    Number.isFinite(growth) ? growth : Number.POSITIVE_INFINITY,
    goals.grownMiB,
    'MiB more',
    room.times,
  );
  return {
    measured: `${(times.length / seconds).toFixed(0)} calls/s for ${seconds.toFixed(0)} s: ${refused.text}, max ${percentile(times, 1).toFixed(0)} ms; ${grown.text}`,
    broken: [...refused.broken, ...grown.broken, ...(odd ? [`an answer was ${odd}`] : [])],
  };
}

/** As many calls in a second, however long each takes: reads and writes by turns. */
class OpenCalls {
  times: number[] = [];
  /** An answer that is not UNAVAILABLE. */
  odd: string | undefined;
  readonly #client: DatabaseClient;
  readonly #ids: readonly string[];
  readonly #perSecond: number;
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(client: DatabaseClient, ids: readonly string[], perSecond: number) {
    this.#client = client;
    this.#perSecond = perSecond;
    this.#ids = ids;
  }

  start(): void {
    const from = performance.now();
    let made = 0;
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - from) * this.#perSecond) / 1_000; made < due; made++)
        this.#call(made);
    }, tickMs);
  }

  /** What was answered before, and what is under way. */
  forget(): void {
    this.times = [];
    this.odd = undefined;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }

  #call(number: number): void {
    const { times } = this;
    const id = this.#ids[number % this.#ids.length] ?? '';
    const { tasks } = this.#client;
    const invoked = performance.now();
    const call =
      number % 2 === 0
        ? tasks.get({ category, id }, { timeoutMs: 10_000 })
        : tasks.patch({ category, id, status: 'next', allowBuffered: true }, { timeoutMs: 10_000 });
    const ended: Promise<void> = call
      .then(
        () => this.#note('OK'),
        (error: unknown) => {
          if (!isStatusError(error) || error.status !== 'UNAVAILABLE') this.#note(String(error));
          // Of one that began before the last `forget` nobody asks any more.
          if (times === this.times) times.push(performance.now() - invoked);
        },
      )
      .finally(() => this.#open.delete(ended));
    this.#open.add(ended);
  }

  #note(answer: string): void {
    this.odd ??= answer;
  }
}
