/** What `npm run faults` runs: the command line in, a line for each scenario and an exit code out. */
import { mongoMissing, rabbitMissing, redisMissing } from '@connections/testing';
import { readDualOptions } from './dual/dual-options.ts';
import { dualFigures } from './dual/figures/dual-figures.ts';
import { runDual } from './dual/run-dual.ts';
import { faultScenarios } from './fault-scenarios.ts';
import { FaultsUsageError, readFaultsOptions } from './faults-options.ts';
import { readRabbitOptions } from './rabbit/rabbit-options.ts';
import { rabbitScenarios } from './rabbit/rabbit-scenarios.ts';
import { runRabbit } from './rabbit/run-rabbit.ts';
import { runFaults } from './run/run-faults.ts';

// By itself a signal ends the process without telling it, and our children would go on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

type Start = (print: (line: string) => void) => Promise<boolean>;

interface Form {
  /** Throws a FaultsUsageError for arguments that it does not know. */
  start(args: readonly string[]): Start;
  /** Why it cannot run on this machine. */
  missing(): string | undefined;
}

const storesMissing = () => redisMissing({ own: true }) ?? mongoMissing({ own: true });

const singles: Form = {
  start(args) {
    const run = readFaultsOptions(args, faultScenarios);
    return (print) => runFaults(run, print);
  },
  missing: storesMissing,
};

const forms = new Map<string, Form>([
  [
    'dual',
    {
      start(args) {
        const figures = dualFigures.map(({ name }) => name);
        const run = readDualOptions(args, figures);
        return (print) => runDual(run, print);
      },
      missing: storesMissing,
    },
  ],
  [
    'rabbit',
    {
      start(args) {
        const run = readRabbitOptions(args, rabbitScenarios);
        return (print) => runRabbit(run, print);
      },
      missing: () => rabbitMissing({ own: true }),
    },
  ],
]);

try {
  const [first = '', ...rest] = process.argv.slice(2);
  const named = forms.get(first);
  const start = named ? named.start(rest) : singles.start(process.argv.slice(2));
  const missing = (named ?? singles).missing();
  if (missing) throw new FaultsUsageError(missing);
  const kept = await start((line) => console.log(line));
  process.exitCode = kept ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof FaultsUsageError;
  console.error(isUsage ? error.message : error);
  process.exitCode = isUsage ? 2 : 1;
}
