/** What `npm run faults -- rabbit` is asked for on its command line. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { FaultsUsageError, optionNumber, orUsage, sharedOptions } from '../faults-options.ts';
import type { RabbitScenario } from './rabbit-scenario.ts';
import type { RabbitRun } from './run-rabbit.ts';

const usage =
  'npm run faults -- rabbit [--messages <n>] [--rounds <n> | --minutes <m>] [--seed <n>] [--away <seconds>] [--short] [<scenario> ...]';

/** All of them when none is named. */
export function readRabbitOptions(args: readonly string[], known: readonly RabbitScenario[]): RabbitRun {
  const options = { ...sharedOptions, seed: { type: 'string' }, messages: { type: 'string' } } as const;
  const config = { args: [...args], allowPositionals: true, options } as const;
  const { values, positionals } = orUsage(() => parseArgs(config), usage);
  const unknown = positionals.find((name) => known.every((scenario) => scenario.name !== name));
  if (unknown !== undefined) {
    throw new FaultsUsageError(
      `${unknown} is no fault of RabbitMQ: they are ${known.map(({ name }) => name).join(', ')}`,
    );
  }
  const { short } = values;
  const number = (name: string, text: string) => optionNumber(name, text, usage);
  return {
    scenarios: known.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    options: {
      messages: number('messages', values.messages ?? (short ? '50000' : '1000000')),
      minutes: number('minutes', values.minutes ?? '0'),
      times: number('rounds', values.rounds ?? (short ? '2' : '20')),
      seed: number('seed', values.seed ?? String(randomInt(1_000_000))),
      awayMs: number('away', values.away ?? (short ? '6' : '30')) * 1_000,
      // A machine that runs other tests at the same time is late: what is broken is further off.
      room: short ? 3 : 1,
    },
    abreast: short ? 2 : 1,
  };
}
