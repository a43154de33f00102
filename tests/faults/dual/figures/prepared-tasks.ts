/** Tasks that stand in MongoDB and, once read, in the view. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseClient } from '@connections/proto-utils';
import { Source } from '@connections/proto-utils/v1/tasks';
import { eventually } from '@connections/testing';
import { stored } from '../dual-round.ts';
import type { DualWorld } from '../world/dual-world.ts';
import { viewDifferences } from '../world/stored-tasks.ts';

export const category = 'figures';
const timeoutMs = 10_000;
const patienceMs = 60_000;
/** At a time: so few that a slow server answers in time. */
const together = 8;

/** Their ids. They begin with `name`. */
export async function preparedTasks(client: DatabaseClient, name: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, at) => `${name}-${at}`);
  for (let at = 0; at < count; at += together) {
    await Promise.all(
      ids.slice(at, at + together).map(async (id) => {
        const state = { status: 'new', data: new Map() };
        await eventually(() => client.tasks.put({ category, id, state }, { timeoutMs }), patienceMs);
        // A write tells the view and never inserts: a read does.
        await eventually(() => readFromView(client, id), patienceMs);
      }),
    );
  }
  return ids;
}

async function readFromView(client: DatabaseClient, id: string): Promise<void> {
  const { source } = await client.tasks.get({ category, id }, { timeoutMs });
  if (source !== Source.SOURCE_VIEW) throw new Error(`${id} is not in the view`);
}

/** Resolves with the time at which the view was as MongoDB and nothing waited to come home. */
export async function restedView(world: DualWorld): Promise<number> {
  await eventually(async () => {
    const now = await stored(world);
    const [difference] = viewDifferences(now);
    if (now.waiting > 0 || difference !== undefined) {
      await delay(100);
      throw new Error(`${now.waiting} tasks wait; ${difference}`);
    }
  }, patienceMs);
  return performance.now();
}

/** Every process reads and writes again. */
export async function served(clients: readonly DatabaseClient[]): Promise<void> {
  for (const client of clients) {
    for (let good = 0; good < 10; good++) {
      await eventually(
        () => client.tasks.put({ category, id: 'served', state: { status: 'new' } }, { timeoutMs }),
        patienceMs,
      );
      await client.tasks.get({ category, id: 'served' }, { timeoutMs });
    }
  }
}
