/** What the bench is asked for on its command line. */
import { parseArgs } from 'node:util';
import type { LoadChoice } from './load/choose-load.ts';

export interface BenchOptions {
  /** Names of parts; all when empty. */
  readonly parts: readonly string[];
  /** Shows only that it runs: the figures mean nothing. */
  readonly quick: boolean;
  /** Where the results go. */
  readonly folder: string | undefined;
  readonly load: LoadChoice;
}

export class BenchUsageError extends Error {}

const usage = 'npm run bench -- [--quick] [--out <folder>] [<part> ...]';
const loadChoices: readonly LoadChoice[] = ['auto', 'h2load', 'own'];

export function readBenchOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): BenchOptions {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((part) => !known.includes(part));
  if (unknown !== undefined) {
    throw new BenchUsageError(`${unknown} is no part: they are ${known.join(', ')}`);
  }
  const load = loadChoices.find((choice) => choice === (env.BENCH_LOAD || 'auto'));
  if (!load) throw new BenchUsageError(`BENCH_LOAD is one of ${loadChoices.join(', ')}`);
  return { parts: positionals, quick: values.quick, folder: values.out, load };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, out: { type: 'string' } },
    });
  } catch (error) {
    throw new BenchUsageError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
