/** Whether what tasks on two stores cost depends on how many there are: our calls, and the servers' own beside them. */
import { mongoMissing, redisMissing } from '@connections/testing';
import type { Measurement } from '../measure/measurement.ts';
import type { BenchPart } from './bench-part.ts';
import { measureLedgers } from './ledger-scale.ts';
import { measureViews } from './view-scale.ts';

export const dualScalePart: BenchPart = {
  name: 'dual-scale',
  title: 'The dual store of tasks: the same calls among a thousand tasks and among a million',
  missing: () => redisMissing({ own: true }) ?? mongoMissing(),
  async run(tools): Promise<Measurement[]> {
    return [...(await measureViews(tools)), ...(await measureLedgers(tools))];
  },
};
