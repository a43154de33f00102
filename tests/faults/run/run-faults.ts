/** Runs scenarios, some at once where only their outcome counts, and prints a line for each. */
import type { Scenario } from '../scenario.ts';
import { reportLine } from './report-line.ts';
import { runScenario, type ScenarioOptions } from './run-scenario.ts';
import { brokenPromises } from './verdict.ts';

export interface FaultRun {
  readonly scenarios: readonly Scenario[];
  readonly options: ScenarioOptions;
  /** See `brokenPromises`. */
  readonly room: number;
  /** Scenarios at a time. */
  readonly abreast: number;
}

/** Whether every promise was kept. */
export async function runFaults(
  { scenarios, options, room, abreast }: FaultRun,
  print: (line: string) => void,
): Promise<boolean> {
  const waiting = [...scenarios];
  let kept = true;
  const runOne = async (scenario: Scenario): Promise<void> => {
    try {
      const figures = await runScenario(scenario, options);
      const broken = brokenPromises(figures, room);
      if (broken.length > 0) kept = false;
      print(reportLine(figures, broken));
    } catch (error) {
      kept = false;
      print(
        `${scenario.name}: BROKEN: it did not come to its end: ${error instanceof Error ? error.stack : error}`,
      );
    }
  };
  const runOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await runOne(next);
  };
  await Promise.all(Array.from({ length: abreast }, runOn));
  return kept;
}
