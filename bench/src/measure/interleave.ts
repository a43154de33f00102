/** Runs cases in turns, A B C A B C ..., so that what the machine does meanwhile meets all of them alike. */
import type { Case, Comparison, Figures, Measurement } from './measurement.ts';
import { median, summarize } from './statistics.ts';
import { type Unit, units } from './units.ts';

export interface Effort {
  /** Runs of each case whose figures are not kept. */
  readonly warmUps: number;
  readonly repetitions: number;
  /** How long one run of a load lasts. */
  readonly runMs: number;
  /** Share of the usual counts of calls, messages and streams. */
  readonly scale: number;
}

export async function interleave(
  part: string,
  cases: readonly Case[],
  effort: Pick<Effort, 'warmUps' | 'repetitions'>,
): Promise<Measurement[]> {
  const runs = new Map<string, Figures[]>(cases.map(({ name }) => [name, []]));
  for (let turn = -effort.warmUps; turn < effort.repetitions; turn++) {
    for (const { name, run } of cases) {
      const figures = await run();
      if (turn >= 0) runs.get(name)?.push(figures);
    }
  }
  return cases.flatMap((one) => measurementsOf(part, one, runs));
}

function measurementsOf(
  part: string,
  one: Case,
  runs: ReadonlyMap<string, readonly Figures[]>,
): Measurement[] {
  const own = runs.get(one.name) ?? [];
  const others = runs.get(one.against ?? '') ?? [];
  return (Object.keys(units) as Unit[]).flatMap((unit) => {
    const repetitions = valuesOf(own, unit);
    if (repetitions.length === 0) return [];
    const comparison = compare(one, unit, repetitions, valuesOf(others, unit));
    return [
      {
        part,
        name: one.name,
        unit,
        repetitions,
        ...summarize(repetitions),
        ...(comparison && { comparison }),
      },
    ];
  });
}

function valuesOf(runs: readonly Figures[], unit: Unit): number[] {
  return runs.map((figures) => figures[unit]).filter((value) => value !== undefined);
}

function compare(
  { against, goals }: Case,
  unit: Unit,
  own: readonly number[],
  others: readonly number[],
): Comparison | undefined {
  if (against === undefined || others.length !== own.length) return undefined;
  const quotients = own.map((value, index) => value / (others[index] ?? Number.NaN));
  const ratio = median(units[unit] === 'higher' ? quotients : quotients.map((quotient) => 1 / quotient));
  const goal = goals?.[unit];
  return { against, ratio, ...(goal !== undefined && { goal }) };
}
