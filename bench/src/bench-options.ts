/** What the bench is asked for on its command line. */
import { parseArgs } from 'node:util';
import type { LoadChoice } from './load/choose-load.ts';
import type { BenchPart, ScaleLimits } from './parts/bench-part.ts';

export interface BenchOptions {
  /** Names of parts and of groups of them, as they were given; all parts when empty. */
  readonly asked: readonly string[];
  /** Names of the parts that are meant. */
  readonly parts: readonly string[];
  /** Shows only that it runs: the figures mean nothing. */
  readonly quick: boolean;
  /** Where the results go. */
  readonly folder: string | undefined;
  readonly load: LoadChoice;
  readonly scale: ScaleLimits;
}

export class BenchUsageError extends Error {}

const usage =
  'npm run bench -- [--quick] [--out <folder>] [--view-tasks <n>] [--ledger-tasks <n>] [<part> ...]';
/** A test server of MongoDB takes a minute for ten times as many. */
const scaleDefaults = { viewTasks: 1_000_000, ledgerTasks: 10_000 };
const loadChoices: readonly LoadChoice[] = ['auto', 'h2load', 'own'];

export function readBenchOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  known: readonly Pick<BenchPart, 'name' | 'group'>[],
): BenchOptions {
  const { values, positionals } = parsed(args);
  const names = new Set([...known.map(({ name }) => name), ...known.flatMap(({ group }) => group ?? [])]);
  const unknown = positionals.find((asked) => !names.has(asked));
  if (unknown !== undefined) {
    throw new BenchUsageError(`${unknown} is no part: they are ${[...names].join(', ')}`);
  }
  const meant = ({ name, group }: Pick<BenchPart, 'name' | 'group'>) =>
    positionals.length === 0 || positionals.includes(name) || (group && positionals.includes(group));
  const load = loadChoices.find((choice) => choice === (env.BENCH_LOAD || 'auto'));
  if (!load) throw new BenchUsageError(`BENCH_LOAD is one of ${loadChoices.join(', ')}`);
  const scale = {
    viewTasks: countOf(values['view-tasks'], scaleDefaults.viewTasks),
    ledgerTasks: countOf(values['ledger-tasks'], scaleDefaults.ledgerTasks),
  };
  const parts = known.filter(meant).map(({ name }) => name);
  return { asked: positionals, parts, quick: values.quick, folder: values.out, load, scale };
}

function countOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new BenchUsageError(`${text} is no number of tasks\n${usage}`);
  return Number(text);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        out: { type: 'string' },
        'view-tasks': { type: 'string' },
        'ledger-tasks': { type: 'string' },
      },
    });
  } catch (error) {
    throw new BenchUsageError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
