/** One fault: while everything serves, while something is away, and until everything serves again. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Caller, FaultLoad } from '../load/fault-load.ts';
import type { CallRecord } from '../load/lane.ts';
import type { Scenario } from '../scenario.ts';
import type { FaultWorld } from '../world/fault-world.ts';
import { patienceMs } from './bounds.ts';

/** Of each caller, before the fault, after it, and meanwhile where it is spared. */
const leastAnswers = 20;
/** What was mended and fails again does so soon. */
const relapseMs = 500;

export interface RoundFigures {
  /** The longest call to a store that is away, of those that began before the first refusal; none where nothing is refused. */
  readonly firstAnswerMs: number | undefined;
  /** Of the calls after it; where nothing is refused, of those that were acknowledged while the fault lasted. */
  readonly meanwhileMs: readonly number[];
  /** Of calls in the same time that need no store: what such a call costs on this machine then. */
  readonly storelessMs: readonly number[];
  /** From the end of the fault until every caller was served and none failed any more. */
  readonly healedMs: number;
  /** To connect to a store that was away: to the one that was tried more often. */
  readonly attempts: number;
  readonly awayMs: number;
}

export async function runRound(
  scenario: Scenario,
  world: FaultWorld,
  load: FaultLoad,
  awayMs: number,
): Promise<RoundFigures> {
  const { callers } = load;
  for (const { lane } of callers) lane.forget();
  const often = { least: leastAnswers, deadlineMs: patienceMs };
  await load.saw(callers, { since: performance.now(), ...often }, isServed);
  const attemptsBefore = scenario.breaks.map((store) => world.stores[store].proxy.connections);
  const injected = performance.now();
  await scenario.inject(world);
  const hit = callers.filter((caller) => isHit(scenario, caller));
  const spared = callers.filter((caller) => !isHit(scenario, caller));
  await load.saw(hit, { since: injected, ...often, least: 1 }, (call) => isSignOf(scenario, call));
  await load.saw(spared, { since: injected, ...often }, isServed);
  await delay(awayMs);
  const over = performance.now();
  const attempts = scenario.breaks.map(
    (store, at) => world.stores[store].proxy.connections - (attemptsBefore[at] ?? 0),
  );
  await scenario.heal(world);
  const healed = performance.now();
  await load.saw(callers, { since: healed, ...often }, isServed);
  await delay(relapseMs);
  return {
    ...answersWhileAway(scenario, callers, [injected, over]),
    storelessMs: servedWithin(
      callers.filter(({ lane }) => lane.store === undefined),
      [injected, over],
    ),
    healedMs: servedAgain(callers, healed) - healed,
    attempts: Math.max(0, ...attempts),
    awayMs: over - injected,
  };
}

function isHit({ breaks, process }: Scenario, { lane: { store }, home }: Caller): boolean {
  if (process !== undefined) return process === home;
  return store !== undefined && (breaks.length === 0 || breaks.includes(store));
}

/** That the fault is there. */
function isSignOf({ breaks, process, slowerMs = 0 }: Scenario, call: CallRecord): boolean {
  if (breaks.length > 0) return call.outcome === 'refused';
  if (process !== undefined) return call.outcome === 'unknown';
  return isServed(call) && msOf(call) >= slowerMs;
}

function answersWhileAway(
  { breaks }: Scenario,
  callers: readonly Caller[],
  [injected, over]: readonly [number, number],
): Pick<RoundFigures, 'firstAnswerMs' | 'meanwhileMs'> {
  if (breaks.length === 0) {
    const ofStores = callers.filter(({ lane }) => lane.store !== undefined);
    return { firstAnswerMs: undefined, meanwhileMs: servedWithin(ofStores, [injected, over]) };
  }
  const parts = breaks.map((store) => {
    const calls = callers.flatMap(({ lane }) => (lane.store === store ? lane.since(0) : []));
    const met = calls.filter(({ begun, ended }) => ended > injected && begun < over);
    const known = Math.min(...met.filter(({ outcome }) => outcome === 'refused').map(({ ended }) => ended));
    return {
      first: met.filter(({ begun }) => begun <= known).map(msOf),
      next: met.filter(({ begun }) => begun > known).map(msOf),
    };
  });
  return {
    firstAnswerMs: Math.max(...parts.flatMap(({ first }) => first)),
    meanwhileMs: parts.flatMap(({ next }) => next),
  };
}

function servedWithin(callers: readonly Caller[], [from, to]: readonly [number, number]): number[] {
  const calls = callers.flatMap(({ lane }) => lane.since(from));
  return calls.filter((call) => isServed(call) && call.begun < to).map(msOf);
}

/** When every caller has been served, and for a while nothing has failed any more. */
function servedAgain(callers: readonly Caller[], healed: number): number {
  const calls = callers.map(({ lane }) => lane.since(healed));
  const failures = calls.flat().flatMap((call) => (isServed(call) ? [] : call.ended));
  let at = Math.max(...calls.map((ofOne) => ofOne.find(isServed)?.ended ?? Number.POSITIVE_INFINITY));
  for (const failure of failures.toSorted((a, b) => a - b)) {
    if (failure > at + relapseMs) break;
    at = Math.max(at, failure);
  }
  return at;
}

function isServed({ outcome }: CallRecord): boolean {
  return outcome === 'acknowledged';
}

function msOf({ begun, ended }: CallRecord): number {
  return ended - begun;
}
