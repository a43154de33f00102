/** What `npm run faults` runs: the command line in, a line for each scenario and an exit code out. */
import { mongoMissing, redisMissing } from '@connections/testing';
import { readDualOptions } from './dual/dual-options.ts';
import { dualFigures } from './dual/figures/dual-figures.ts';
import { runDual } from './dual/run-dual.ts';
import { faultScenarios } from './fault-scenarios.ts';
import { FaultsUsageError, readFaultsOptions } from './faults-options.ts';
import { runFaults } from './run/run-faults.ts';

// By itself a signal ends the process without telling it, and our children would go on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

type Start = (print: (line: string) => void) => Promise<boolean>;

function singles(args: readonly string[]): Start {
  const run = readFaultsOptions(args, faultScenarios);
  return (print) => runFaults(run, print);
}

function dual(args: readonly string[]): Start {
  const figures = dualFigures.map(({ name }) => name);
  const run = readDualOptions(args, figures);
  return (print) => runDual(run, print);
}

try {
  const [first, ...rest] = process.argv.slice(2);
  const start = first === 'dual' ? dual(rest) : singles(process.argv.slice(2));
  const missing = redisMissing({ own: true }) ?? mongoMissing({ own: true });
  if (missing) throw new FaultsUsageError(missing);
  const kept = await start((line) => console.log(line));
  process.exitCode = kept ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof FaultsUsageError;
  console.error(isUsage ? error.message : error);
  process.exitCode = isUsage ? 2 : 1;
}
