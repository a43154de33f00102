/** Runs the faults of RabbitMQ, some at once where only their outcome counts, and prints a line for each in their order. */
import { availableParallelism, loadavg } from 'node:os';
import { verdictText } from '../run/figure.ts';
import type { RabbitOptions, RabbitScenario } from './rabbit-scenario.ts';

export interface RabbitRun {
  readonly scenarios: readonly RabbitScenario[];
  readonly options: RabbitOptions;
  /** Scenarios at a time, each with a broker of its own. */
  readonly abreast: number;
}

/** Whether every promise was kept. */
export async function runRabbit(
  { scenarios, options, abreast }: RabbitRun,
  print: (line: string) => void,
): Promise<boolean> {
  const waiting = [...scenarios.entries()];
  const lines: (string | undefined)[] = scenarios.map(() => undefined);
  let printed = 0;
  let kept = true;
  const runOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, scenario] = next;
      const { line, broken } = await runOne(scenario, options);
      if (broken.length > 0) kept = false;
      lines[at] = line;
      for (let ready = lines[printed]; ready !== undefined; ready = lines[++printed]) print(ready);
    }
  };
  await Promise.all(Array.from({ length: abreast }, runOn));
  return kept;
}

async function runOne({ name, measure }: RabbitScenario, options: RabbitOptions) {
  const since = performance.now();
  const { measured, broken } = await measure(options).catch((error) => ({
    measured: 'not measured',
    broken: [`it did not come to its end: ${error instanceof Error ? error.stack : error}`],
  }));
  const took = `took ${((performance.now() - since) / 1_000).toFixed(0)} s`;
  const busy = `load of the machine ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  return { line: `rabbit ${name}: ${measured}; ${took}; ${busy}; ${verdictText(broken)}`, broken };
}
