/** One round: load, a fault or two for a few seconds, everything mended, rest, and the check of all that was answered. */
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@connections/testing';
import type { SeededChance } from '../run/seeded-chance.ts';
import { checkRound, type RoundCheck } from './check/check-round.ts';
import type { Standing, TaskCall } from './check/history.ts';
import { besides, type DualFault, type Ongoing } from './dual-faults.ts';
import type { DualLoad } from './load/dual-load.ts';
import { recordedRead } from './load/recorded-calls.ts';
import type { DualWorld } from './world/dual-world.ts';
import { type StoredTasks, storedTasks, viewDifferences } from './world/stored-tasks.ts';

export interface DualRound {
  readonly faults: readonly string[];
  readonly calls: readonly TaskCall[];
  /** Of the calls, those that went another way than without a fault. */
  readonly disturbed: number;
  /** Writes that went to `conflicts` in this round. */
  readonly conflicts: number;
  /** From the end of the last fault until the view was as MongoDB and nothing waited. */
  readonly restedMs: number;
  /** What was not so until then. */
  readonly lastDifference: string;
  readonly check: RoundCheck;
}

export interface RoundOptions {
  readonly world: DualWorld;
  readonly load: DualLoad;
  readonly chance: SeededChance;
  readonly first: DualFault;
  readonly before: StoredTasks;
}

/** How often there are two faults at once. */
const twiceShare = 0.5;
const calmMs = 700;
const awayMs = [1_200, 2_600] as const;
/** So that calls go over from the one state to the other. */
const overMs = 300;
/** After it nothing that was under way when a process ended or went on can still happen. */
const quietMs = 2_500;
const patienceMs = 60_000;
const pollMs = 100;
const readMs = 6_000;

export async function runDualRound(
  options: RoundOptions,
): Promise<DualRound & { readonly after: StoredTasks }> {
  const { world, load, chance, first, before } = options;
  const faults = chance.is(twiceShare) ? [first, chance.of(besides(first))] : [first];
  load.start();
  await delay(calmMs);
  const ongoing: Ongoing[] = [];
  let healed = 0;
  try {
    for (const fault of chance.shuffled(faults)) {
      ongoing.push(await fault.begin(world, chance));
      await delay(chance.between(...awayMs) / faults.length);
    }
  } finally {
    for (const { heal } of chance.shuffled(ongoing)) await heal();
    healed = performance.now();
  }
  await delay(overMs);
  await load.stop();
  const rest = await rested(world);
  const restedMs = rest.at - healed;
  await delay(Math.max(0, healed + quietMs - performance.now()));
  const reads = await eventually(() => readDifferences(world, load), patienceMs);
  await rested(world);
  const after = await stored(world);
  const calls = load.taken();
  const [lost] = ongoing.flatMap((each) => (each.lost ? [each.lost] : []));
  const names = new Set([...before.tasks.keys(), ...after.tasks.keys(), ...calls.map(({ task }) => task)]);
  const check = checkRound({
    calls,
    tasks: new Map([...names].map((name) => [name, endsOf(name, load, before.tasks, after.tasks)])),
    conflicts: new Set(after.conflicts.keys()),
    lost,
    differences: [...viewDifferences(after), ...reads],
    waiting: after.waiting,
  });
  const conflicts = [...after.conflicts.keys()].filter((request) => !before.conflicts.has(request)).length;
  const disturbed = calls.filter(isDisturbed).length;
  return {
    faults: faults.map(({ name }) => name),
    calls,
    disturbed,
    conflicts,
    restedMs,
    lastDifference: rest.last,
    check,
    after,
  };
}

export function stored({ mongoUrl, redis }: DualWorld): Promise<StoredTasks> {
  return storedTasks(mongoUrl, redis.url);
}

/** When the view is as MongoDB and nothing waits; or when nobody waits for that any more, which the check then finds. */
async function rested(world: DualWorld): Promise<{ readonly at: number; readonly last: string }> {
  const end = performance.now() + patienceMs;
  for (let last = 'nothing'; ; await delay(pollMs)) {
    try {
      const now = await stored(world);
      const [difference] = viewDifferences(now);
      if (now.waiting === 0 && difference === undefined) return { at: performance.now(), last };
      last = difference ?? `${now.waiting} tasks were buffered`;
    } catch (error) {
      last = `a store does not answer: ${error}`;
    }
    if (performance.now() > end) return { at: performance.now(), last };
  }
}

/** What plain reads of the two processes say that MongoDB does not. Rejects while one of them does not answer. */
async function readDifferences(world: DualWorld, { clients, tasks }: DualLoad): Promise<string[]> {
  const { tasks: standing } = await stored(world);
  const differences: string[] = [];
  for (const [replica, client] of clients.entries()) {
    const asking = { client, replica, timeoutMs: readMs };
    const found = await Promise.all(
      tasks.map(({ name }) => recordedRead(asking, name, { strong: false, token: undefined })),
    );
    for (const { task, outcome, reason, shown, source } of found) {
      if (outcome !== 'FOUND' && outcome !== 'NONE')
        throw new Error(`${task} is not read: ${outcome} ${reason}`);
      const there = standing.get(task);
      if (textOf(shown) === textOf(there)) continue;
      differences.push(
        `${task}: process ${replica} answers ${textOf(shown)} from ${source}, MongoDB has ${textOf(there)}`,
      );
    }
  }
  return differences;
}

function textOf(task: Pick<Standing, 'revision' | 'status' | 'keys'> | undefined): string {
  return task ? `${task.revision} ${task.status} ${task.keys.toSorted().join()}` : 'none';
}

function endsOf(
  name: string,
  load: DualLoad,
  before: ReadonlyMap<string, Standing>,
  after: ReadonlyMap<string, Standing>,
) {
  return { shared: load.isShared(name), before: before.get(name), after: after.get(name) };
}

function isDisturbed(call: TaskCall): boolean {
  if (call.kind === 'read') return call.outcome === 'UNAVAILABLE' || call.source === 'VIEW_UNCONFIRMED';
  return call.outcome === 'BUFFERED' || call.outcome === 'UNKNOWN' || call.reason === 'STORE_UNREACHABLE';
}
