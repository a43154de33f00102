/** Rounds of faults on the dual store, in an order that a seed decides, and then the figures; a line for each. */
import { availableParallelism, loadavg } from 'node:os';
import { promised } from '../run/bounds.ts';
import { type Figure, verdictText } from '../run/figure.ts';
import { MemoryWatch } from '../run/memory-watch.ts';
import { SeededChance } from '../run/seeded-chance.ts';
import { dualFaults } from './dual-faults.ts';
import { type DualRound, runDualRound, stored } from './dual-round.ts';
import { DualTally, promisedRestMs } from './dual-tally.ts';
import type { FigureOptions, NamedFigure, Room } from './figures/dual-figure.ts';
import { dualFigures } from './figures/dual-figures.ts';
import { DualLoad } from './load/dual-load.ts';
import { openDualWorld } from './world/dual-world.ts';

export interface DualRun {
  /** Named figures, and `rounds`. */
  readonly parts: ReadonlySet<string>;
  readonly rounds: number;
  /** Rounds follow each other for this long, whatever `rounds` says. */
  readonly minutes: number;
  readonly seed: number;
  readonly callers: number;
  /** Of each caller, between two calls, on the average. */
  readonly pauseMs: number;
  readonly awayMs: number;
  readonly tasks: number;
  readonly callsPerSecond: number;
  readonly repeats: number;
  readonly room: Room;
}

type Print = (line: string) => void;

const minuteMs = 60_000;

/** Whether every promise was kept. */
export async function runDual(run: DualRun, print: Print): Promise<boolean> {
  let kept = true;
  if (run.parts.has('rounds')) kept = await runRounds(run, print);
  const figures = dualFigures.filter(({ name }) => run.parts.has(name));
  if (figures.length === 0) return kept;
  await using world = await openDualWorld();
  for (const figure of figures) {
    const { measured, broken } = await measuredOrNot(figure, { world, ...run });
    if (broken.length > 0) kept = false;
    print(`dual-store ${figure.name}: ${measured}; ${verdictText(broken)}`);
  }
  return kept;
}

/** One that cannot be measured leaves the others to be. */
async function measuredOrNot({ measure }: NamedFigure, options: FigureOptions): Promise<Figure> {
  try {
    return await measure(options);
  } catch (error) {
    return { measured: 'not measured', broken: [`it did not come to its end: ${error}`] };
  }
}

async function runRounds(run: DualRun, print: Print): Promise<boolean> {
  const { rounds, minutes, seed, callers, pauseMs, room } = run;
  const chance = new SeededChance(seed);
  await using world = await openDualWorld();
  const [one, other] = world.replicas;
  const addresses = [one.service.address, other.service.address] as const;
  using load = new DualLoad({ addresses, callers, pauseMs, chance });
  const tally = new DualTally();
  await using memory = new MemoryWatch(async () =>
    Math.max(...(await Promise.all(world.replicas.map(({ service }) => service.residentMiB())))),
  );
  const end = performance.now() + minutes * minuteMs;
  let before = await stored(world);
  let waiting = chance.shuffled(dualFaults);
  for (let round = 1; round <= rounds || performance.now() < end; round++) {
    const [first, ...rest] = waiting;
    if (!first) throw new Error('there is no fault');
    waiting = rest.length > 0 ? rest : chance.shuffled(dualFaults);
    const done = await runDualRound({ world, load, chance, first, before });
    before = done.after;
    tally.add(done);
    for (const line of roundLines(done)) print(`dual-store round ${round} of seed ${seed}: ${line}`);
  }
  const [early, late] = memory.peaks;
  const grown = late - early > promised.grownMiB * room.times ? ['the memory grew'] : [];
  const broken = [...tally.broken(room.times), ...grown];
  const peaks = `memory at most ${early.toFixed(0)}, then ${late.toFixed(0)} MiB`;
  const busy = `load of the machine ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  print(`dual-store rounds: seed ${seed}; ${tally}; ${peaks}; ${busy}; ${verdictText(broken)}`);
  return broken.length === 0;
}

/** What an operator of the run has to look at. */
function roundLines({ faults, calls, restedMs, lastDifference, check }: DualRound): string[] {
  const during = faults.join(' and ');
  const late =
    restedMs > promisedRestMs
      ? [`${during}: the view was as MongoDB after ${restedMs.toFixed(0)} ms, until then ${lastDifference}`]
      : [];
  const found = check.findings.map(({ invariant, task, what }) => `${during}: ${invariant} ${task}: ${what}`);
  const broken = new Set(check.findings.map(({ task }) => task));
  const asked = calls
    .filter(({ task }) => broken.has(task))
    .toSorted((one, other) => one.invoked - other.invoked);
  return [...late, ...found, ...asked.map((call) => JSON.stringify(call))];
}
