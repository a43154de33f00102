/** One scenario from its servers to its figures: faults under load, then everything that was answered is looked up. */
import type { Outcome } from '../load/call-outcome.ts';
import { FaultLoad } from '../load/fault-load.ts';
import type { Findings } from '../load/work.ts';
import type { Scenario } from '../scenario.ts';
import { openFaultWorld } from '../world/fault-world.ts';
import { patienceMs } from './bounds.ts';
import { MemoryWatch, type Peaks } from './memory-watch.ts';
import { type RoundFigures, runRound } from './run-round.ts';

export interface ScenarioOptions {
  /** Faults; at least one. */
  readonly rounds: number;
  /** Faults follow each other for this long, whatever `rounds` says. */
  readonly minutes: number;
  /** From when the fault is seen until it is mended. */
  readonly awayMs: number;
  /** Of each port, at each process of ours; a crowd has three times as many, which do not pause. */
  readonly writers: number;
  /** Of each caller, after an answer. */
  readonly pauseMs: number;
  /** Before the first fault, so that what a process takes in its first calls is not laid to it. */
  readonly warmUpMs: number;
}

export interface ScenarioFigures {
  readonly name: string;
  readonly rounds: readonly RoundFigures[];
  /** By what was answered. */
  readonly writes: Readonly<Record<Exclude<Outcome, 'unexpected'>, number>>;
  readonly findings: Findings;
  readonly unexpected: readonly unknown[];
  /** Resident memory of our process, from before the first fault until after the last. */
  readonly memoryMiB: Peaks;
}

/** Longer than any call may take. */
const clientMs = 15_000;
const minuteMs = 60_000;

export async function runScenario(scenario: Scenario, options: ScenarioOptions): Promise<ScenarioFigures> {
  const { processes = 1, crowd = false } = scenario;
  await using world = await openFaultWorld(processes);
  await using load = new FaultLoad({
    addresses: world.services.map(({ address }) => address),
    writers: crowd ? 3 * options.writers : options.writers,
    timeoutMs: scenario.clientMs ?? clientMs,
    pauseMs: crowd ? 0 : options.pauseMs,
  });
  const served = { since: 0, least: 1, deadlineMs: patienceMs };
  await load.saw(load.callers, served, ({ outcome }) => outcome === 'acknowledged');
  await new Promise((resolve) => setTimeout(resolve, options.warmUpMs));
  await using memory = new MemoryWatch(async () => (await world.services[0]?.residentMiB()) ?? Number.NaN);
  const rounds: RoundFigures[] = [];
  const end = performance.now() + options.minutes * minuteMs;
  do {
    rounds.push(await runRound(scenario, world, load, options.awayMs));
  } while (rounds.length < options.rounds || performance.now() < end);
  const memoryMiB = memory.peaks;
  await load.stop();
  const lanes = load.callers.map(({ lane }) => lane);
  const writing = lanes.filter(({ work }) => work.writes);
  const total = (outcome: Outcome) => writing.reduce((sum, { counts }) => sum + counts[outcome], 0);
  return {
    name: scenario.name,
    rounds,
    writes: {
      acknowledged: total('acknowledged'),
      unknown: total('unknown'),
      refused: total('refused'),
    },
    findings: await load.check(),
    unexpected: lanes.flatMap(({ unexpected }) => unexpected),
    memoryMiB,
  };
}
