/** What `npm run faults -- dual` is asked for on its command line. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { FaultsUsageError, optionNumber, orUsage, sharedOptions } from '../faults-options.ts';
import type { DualRun } from './run-dual.ts';

const usage =
  'npm run faults -- dual [--rounds <n> | --minutes <m>] [--seed <n>] [--away <seconds>] [--short] [rounds | <figure> ...]';

/** The rounds and every figure when none is named. */
export function readDualOptions(args: readonly string[], figures: readonly string[]): DualRun {
  const options = { ...sharedOptions, seed: { type: 'string' } } as const;
  const config = { args: [...args], allowPositionals: true, options } as const;
  const { values, positionals } = orUsage(() => parseArgs(config), usage);
  const known = ['rounds', ...figures];
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new FaultsUsageError(
      `${unknown} is no part of the dual store's faults: they are ${known.join(', ')}`,
    );
  }
  const { short } = values;
  const number = (name: string, text: string) => optionNumber(name, text, usage);
  return {
    parts: new Set(positionals.length > 0 ? positionals : known),
    rounds: number('rounds', values.rounds ?? (short ? '7' : '24')),
    minutes: number('minutes', values.minutes ?? '0'),
    seed: number('seed', values.seed ?? String(randomInt(1_000_000))),
    callers: short ? 8 : 12,
    pauseMs: short ? 60 : 40,
    awayMs: number('away', values.away ?? (short ? '2' : '10')) * 1_000,
    // The server of the tests commits some 60 writes in a second.
    tasks: short ? 40 : 240,
    callsPerSecond: short ? 200 : 1_000,
    repeats: short ? 1 : 3,
    // A machine that runs other tests at the same time is late: only what was written decides there.
    room: short ? { times: Number.POSITIVE_INFINITY, counts: 30 } : { times: 1, counts: 1 },
  };
}
