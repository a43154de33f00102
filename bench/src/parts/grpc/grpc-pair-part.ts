/** Clients and servers that echo, each on a core of its own. */
import { interleave } from '../../measure/interleave.ts';
import type { Case } from '../../measure/measurement.ts';
import type { BenchPart } from '../bench-part.ts';
import { callersOf, smallBytes, startBareEcho, startEchoServer } from './echo-pair.ts';

const runShare = 0.4;
const shapes = [
  { inFlight: 1, goals: { 'calls/s': 3, ms: 2 } },
  { inFlight: 16, goals: { 'calls/s': 8 } },
  { inFlight: 200, goals: { 'calls/s': 15 } },
  { inFlight: 1_000, goals: { 'calls/s': 15 } },
] as const;

export const grpcPairPart: BenchPart = {
  name: 'grpc-pair',
  group: 'grpc',
  title: 'Echo of 100 B, client and server, against the same pair of bare grpc-js',
  async run({ effort, note }) {
    await using own = await startEchoServer({ transport: 'own' });
    await using bare = await startBareEcho();
    await using ownCallers = callersOf(own, 'own');
    await using bareCallers = callersOf(bare, 'bare grpc-js');
    const cases = shapes.flatMap(({ inFlight, goals }): Case[] => {
      const order = { work: 'echo', bytes: smallBytes, inFlight, runMs: effort.runMs * runShare } as const;
      const against = `bare grpc-js, ${inFlight} in flight`;
      const name = `own, ${inFlight} in flight`;
      return [
        bareCallers.pairCase('calls/s', order, { name: against }),
        ownCallers.pairCase('calls/s', order, { name, against, goals }),
      ];
    });
    note(`${cases.length} cases`);
    return await interleave('grpc-pair', cases, effort);
  },
};
