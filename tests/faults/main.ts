/** What `npm run faults` runs: the command line in, a line for each scenario and an exit code out. */
import { mongoMissing, redisMissing } from '@connections/testing';
import { faultScenarios } from './fault-scenarios.ts';
import { FaultsUsageError, readFaultsOptions } from './faults-options.ts';
import { runFaults } from './run/run-faults.ts';

// By itself a signal ends the process without telling it, and our children would go on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  const run = readFaultsOptions(process.argv.slice(2), faultScenarios);
  const missing = redisMissing({ own: true }) ?? mongoMissing({ own: true });
  if (missing) throw new FaultsUsageError(missing);
  const kept = await runFaults(run, (line) => console.log(line));
  process.exitCode = kept ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof FaultsUsageError;
  console.error(isUsage ? error.message : error);
  process.exitCode = isUsage ? 2 : 1;
}
