/** How many tasks of those that are written during an outage of MongoDB end in a conflict, and how soon the view is right. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectDatabase, type DatabaseClient } from '@connections/proto-utils';
import { type Figure, held } from '../../run/figure.ts';
import { stored } from '../dual-round.ts';
import type { DualWorld } from '../world/dual-world.ts';
import type { FigureOptions } from './dual-figure.ts';
import { category, preparedTasks, restedView, served } from './prepared-tasks.ts';

const goals = { perThousand: 1, restedMs: 5_000 } as const;
const callers = 16;
const pauseMs = 100;
const warmUpMs = 1_500;
const timeoutMs = 6_000;

export const outageFigure = { name: 'mongo-outage', measure };

async function measure({ world, awayMs, room, tasks }: FigureOptions): Promise<Figure> {
  const clients = world.replicas.map(({ service }) => connectDatabase(service.address));
  try {
    const [first] = clients;
    if (!first) throw new Error('there is no service');
    const ids = await preparedTasks(first, 'outage', tasks);
    const outages = [
      await outage(world, clients, ids, awayMs, {
        begin: () => world.mongo.kill(),
        end: () => world.mongo.restart(),
      }),
      await outage(world, clients, ids, awayMs, {
        begin: () => world.mongo.freeze(),
        end: () => world.mongo.thaw(),
      }),
    ];
    const sum = (of: 'active' | 'conflicts' | 'buffered') =>
      outages.reduce((total, each) => total + each[of], 0);
    const share = (sum('conflicts') * 1_000) / sum('active');
    const conflicts = held(
      `${sum('conflicts')} conflicts of ${sum('active')} tasks: of a thousand`,
      share,
      goals.perThousand,
      'tasks',
      room.counts,
    );
    const rested = held(
      'view as MongoDB after',
      Math.max(...outages.map(({ restedMs }) => restedMs)),
      goals.restedMs,
      'ms',
      room.times,
    );
    const none = sum('buffered') === 0 ? ['void: nothing was buffered'] : [];
    return {
      measured: `MongoDB killed and frozen, ${sum('buffered')} writes BUFFERED; ${conflicts.text}; ${rested.text}`,
      broken: [...conflicts.broken, ...rested.broken, ...none],
    };
  } finally {
    for (const client of clients) client.close();
  }
}

interface Fault {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

async function outage(
  world: DualWorld,
  clients: readonly DatabaseClient[],
  ids: readonly string[],
  awayMs: number,
  { begin, end }: Fault,
) {
  await restedView(world);
  await served(clients);
  const before = (await stored(world)).conflicts.size;
  const active = new Set<string>();
  let buffered = 0;
  let isAway = false;
  let over = false;
  const writing = Array.from({ length: callers }, async (_, caller) => {
    const own = ids.filter((_, at) => at % callers === caller);
    const client = clients[caller % clients.length];
    for (let number = 0; !over; number++) {
      const id = own[number % own.length] ?? '';
      const requestId = `${id}-${performance.now()}`;
      const asked = { category, id, requestId, status: `s${number}`, allowBuffered: true };
      const reply = await client?.tasks.patch(asked, { timeoutMs }).catch(() => undefined);
      if (reply) active.add(id);
      if (reply && isAway) buffered++;
      await delay(pauseMs);
    }
  });
  await delay(warmUpMs);
  isAway = true;
  await begin();
  await delay(awayMs);
  await end();
  const healed = performance.now();
  over = true;
  await Promise.all(writing);
  const restedMs = (await restedView(world)) - healed;
  const conflicts = (await stored(world)).conflicts.size - before;
  return { active: active.size, buffered, conflicts, restedMs };
}
