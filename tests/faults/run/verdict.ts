/** Which promises a scenario has broken, and whether it put them to the test at all. */
import { leastTraffic, promised } from './bounds.ts';
import type { ScenarioFigures } from './run-scenario.ts';
import { type Summary, summaryOf } from './summary.ts';

/**
 * One line for each; none when all are kept. Of a time, a rate and a growth the promise is multiplied by `room`: 1 on a
 * machine that does nothing else. What was written has no such room.
 */
export function brokenPromises(figures: ScenarioFigures, room: number): string[] {
  const { writes, findings, unexpected, rounds } = figures;
  if (rounds.length === 0 || writes.acknowledged < leastTraffic) {
    return [`void: ${rounds.length} faults under ${writes.acknowledged} acknowledged writes`];
  }
  const found = Object.entries(findings).flatMap(([kind, cases]: [string, readonly string[]]) =>
    cases.length > 0 ? [`${kind}: ${cases[0]}`] : [],
  );
  if (unexpected.length > 0) found.push(`an answer that nothing accounts for: ${unexpected[0]}`);
  return [...found, ...exceeded(summaryOf(figures), room)];
}

function exceeded(summary: Summary, room: number): string[] {
  const refusalMs = summary.firstAnswerMs === undefined ? undefined : summary.meanwhileMs?.high;
  const anyCallMs = summary.storelessMs?.high ?? 0;
  const bounded: readonly (readonly [string, number | undefined, number])[] = [
    ['the first answer took ms', summary.firstAnswerMs, promised.firstAnswerMs],
    ['refusals (p99) took ms', refusalMs, promised.refusalMs + anyCallMs],
    ['full service took ms', summary.healedMs, promised.healedMs],
    ['attempts in a second', summary.attemptsPerSecond, promised.attemptsPerSecond],
    ['memory grew by MiB', summary.grownMiB, promised.grownMiB],
  ];
  return bounded.flatMap(([what, value, promise]) =>
    value !== undefined && !(value <= promise * room)
      ? [`${what}: ${value.toFixed(1)}, more than ${(promise * room).toFixed(1)}`]
      : [],
  );
}
