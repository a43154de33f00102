/** The figures of a scenario over all of its faults. */
import type { ScenarioFigures } from './run-scenario.ts';

export interface Summary {
  /** Undefined where nothing is refused. */
  readonly firstAnswerMs: number | undefined;
  /** Undefined where nothing was answered while the fault lasted. */
  readonly meanwhileMs: Spread | undefined;
  readonly storelessMs: Spread | undefined;
  readonly healedMs: number;
  /** Undefined where nothing is refused. */
  readonly attemptsPerSecond: number | undefined;
  readonly grownMiB: number;
}

export interface Spread {
  readonly median: number;
  /** The 99th percentile. */
  readonly high: number;
  readonly most: number;
}

export function summaryOf({ rounds, memoryMiB: [first, second] }: ScenarioFigures): Summary {
  const firstAnswers = rounds.flatMap(({ firstAnswerMs }) => firstAnswerMs ?? []);
  const refuses = firstAnswers.length > 0;
  const sum = (of: 'attempts' | 'awayMs') => rounds.reduce((total, round) => total + round[of], 0);
  return {
    firstAnswerMs: refuses ? Math.max(...firstAnswers) : undefined,
    meanwhileMs: spreadOf(rounds.flatMap(({ meanwhileMs }) => meanwhileMs)),
    storelessMs: spreadOf(rounds.flatMap(({ storelessMs }) => storelessMs)),
    healedMs: Math.max(...rounds.map(({ healedMs }) => healedMs)),
    attemptsPerSecond: refuses ? (sum('attempts') / sum('awayMs')) * 1_000 : undefined,
    grownMiB: second - first,
  };
}

function spreadOf(times: readonly number[]): Spread | undefined {
  if (times.length === 0) return undefined;
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), high: at(0.99), most: at(1) };
}
