/** A scenario's figures in one line. */
import type { ScenarioFigures } from './run-scenario.ts';
import { summaryOf } from './summary.ts';

export function reportLine(figures: ScenarioFigures, broken: readonly string[]): string {
  const { name, rounds, writes, findings, memoryMiB } = figures;
  const { firstAnswerMs, meanwhileMs, storelessMs, healedMs, attemptsPerSecond } = summaryOf(figures);
  return [
    `${name}: ${rounds.length} ${rounds.length === 1 ? 'fault' : 'faults'}`,
    `writes acknowledged ${writes.acknowledged}, unknown ${writes.unknown}, refused ${writes.refused}`,
    `lost ${findings.lost.length}, twice ${findings.twice.length}, untrue ${findings.untrue.length}`,
    `first answer ${ms(firstAnswerMs)}`,
    `then p50 ${ms(meanwhileMs?.median)}, p99 ${ms(meanwhileMs?.high)}, max ${ms(meanwhileMs?.most)}`,
    `without a store p50 ${ms(storelessMs?.median)}, p99 ${ms(storelessMs?.high)}`,
    `served again after ${ms(healedMs)}`,
    `attempts ${attemptsPerSecond?.toFixed(1) ?? '-'}/s`,
    `memory at most ${memoryMiB.map((size) => size.toFixed(0)).join(', then ')} MiB`,
    broken.length === 0 ? 'kept' : `BROKEN: ${broken.join('; ')}`,
  ].join('; ');
}

function ms(value: number | undefined): string {
  if (value === undefined) return '-';
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
