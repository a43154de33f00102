/** What `npm run faults` is asked for on its command line. */
import { parseArgs } from 'node:util';
import type { FaultRun } from './run/run-faults.ts';
import type { Scenario } from './scenario.ts';

export class FaultsUsageError extends Error {}

const usage =
  'npm run faults -- [--rounds <n> | --minutes <m>] [--away <seconds>] [--short] [<scenario> ...]';

/** All of them when none is named. */
export function readFaultsOptions(args: readonly string[], known: readonly Scenario[]): FaultRun {
  const config = { args: [...args], allowPositionals: true, options: sharedOptions } as const;
  const { values, positionals } = orUsage(() => parseArgs(config), usage);
  const unknown = positionals.find((name) => known.every((scenario) => scenario.name !== name));
  if (unknown !== undefined) {
    throw new FaultsUsageError(
      `${unknown} is no scenario: they are ${known.map(({ name }) => name).join(', ')}`,
    );
  }
  const { short } = values;
  const number = (name: string, text: string) => optionNumber(name, text, usage);
  return {
    scenarios: known.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    options: {
      rounds: number('rounds', values.rounds ?? (short ? '1' : '3')),
      minutes: number('minutes', values.minutes ?? '0'),
      awayMs: number('away', values.away ?? (short ? '2' : '10')) * 1_000,
      writers: short ? 1 : 3,
      pauseMs: short ? 10 : 2,
      warmUpMs: short ? 0 : 5_000,
    },
    // A machine that runs other tests at the same time is late: what is broken is further off.
    room: short ? 3 : 1,
    abreast: short ? 2 : 1,
  };
}

/** Throws what `usage` says for what is none. */
export function optionNumber(name: string, text: string, usage: string): number {
  const value = Number(text);
  if (text === '' || !(value >= 0))
    throw new FaultsUsageError(`--${name} is a number, not ${text}\n${usage}`);
  return value;
}

/** What both forms of the command know. */
export const sharedOptions = {
  rounds: { type: 'string' },
  minutes: { type: 'string' },
  away: { type: 'string' },
  short: { type: 'boolean', default: false },
} as const;

/** Throws what `usage` says where the arguments cannot be parsed. */
export function orUsage<Parsed>(parse: () => Parsed, usage: string): Parsed {
  try {
    return parse();
  } catch (error) {
    throw new FaultsUsageError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
