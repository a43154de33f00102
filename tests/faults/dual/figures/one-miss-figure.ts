/** How often MongoDB is read when a thousand callers miss the same task at once. */
import { connectDatabase } from '@connections/proto-utils';
import { type Figure, held } from '../../run/figure.ts';
import type { FigureOptions } from './dual-figure.ts';
import { category, served } from './prepared-tasks.ts';

const callers = 1_000;
const connections = 10;

export const oneMissFigure = { name: 'one-miss', measure };

async function measure({ world, room, repeats }: FigureOptions): Promise<Figure> {
  const { service, toMongo } = world.replicas[0];
  const clients = Array.from({ length: connections }, () => connectDatabase(service.address));
  const reads: number[] = [];
  let wrong = 0;
  try {
    const [client] = clients;
    await served(clients);
    for (let at = 0; at < repeats; at++) {
      const id = `missed-${at}-${process.hrtime.bigint()}`;
      // A write tells the view and never inserts, so that all of them miss.
      await client?.tasks.put({ category, id, state: { status: 'new' } }, { timeoutMs: 10_000 });
      let seen = 0;
      toMongo.watch((sent) => {
        seen += namings(sent, id);
      });
      const answers = await Promise.allSettled(
        Array.from({ length: callers }, (_, caller) =>
          clients[caller % connections]?.tasks.get({ category, id }, { timeoutMs: 10_000 }),
        ),
      );
      toMongo.watch(() => {});
      wrong += answers.filter(
        (each) => each.status === 'rejected' || each.value?.task?.status !== 'new',
      ).length;
      reads.push(seen);
    }
  } finally {
    for (const client of clients) client.close();
  }
  const most = held(
    `reads of MongoDB for ${callers} misses of one task: ${reads.join(', ')}; at most`,
    Math.max(...reads),
    1,
    'read',
    room.counts,
  );
  return { measured: most.text, broken: [...most.broken, ...(wrong > 0 ? [`${wrong} wrong answers`] : [])] };
}

/** Each command that asks for the task names it once. */
function namings(sent: Buffer, id: string): number {
  let count = 0;
  for (let at = sent.indexOf(id); at >= 0; at = sent.indexOf(id, at + id.length)) count++;
  return count;
}
