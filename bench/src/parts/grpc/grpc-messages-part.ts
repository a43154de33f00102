/** Large messages, and streams of small ones, between a client and a server. */
import { interleave } from '../../measure/interleave.ts';
import type { Case } from '../../measure/measurement.ts';
import type { Unit } from '../../measure/units.ts';
import type { BenchPart, BenchTools } from '../bench-part.ts';
import { callersOf, type EchoPairOrder, smallBytes, startEchoServer } from './echo-pair.ts';

const runShare = 0.4;

interface Work extends Omit<EchoPairOrder, 'runMs'> {
  readonly name: string;
}

const largeMessages: readonly Work[] = [
  { name: '64 KiB up', work: 'up', bytes: 65_536, inFlight: 16 },
  { name: '64 KiB down', work: 'down', bytes: 65_536, inFlight: 16 },
  { name: '1 MiB up', work: 'up', bytes: 1_048_576, inFlight: 4 },
  { name: '1 MiB down', work: 'down', bytes: 1_048_576, inFlight: 4 },
];

const streams: readonly Work[] = [
  { name: 'server stream', work: 'list', bytes: smallBytes, inFlight: 4 },
  { name: 'bidi stream', work: 'chat', bytes: smallBytes, inFlight: 4 },
];

export const grpcMessagesPart: BenchPart = {
  name: 'grpc-messages',
  group: 'grpc',
  title: 'Large messages, client and server, against the same pair on grpc-js',
  run: (tools) => comparePairs('grpc-messages', tools, largeMessages, 'calls/s', 1.5),
};

export const grpcStreamsPart: BenchPart = {
  name: 'grpc-streams',
  group: 'grpc',
  title: 'Four streams of messages of 100 B, client and server, against the same pair on grpc-js',
  run: (tools) => comparePairs('grpc-streams', tools, streams, 'messages/s', 3),
};

async function comparePairs(
  part: string,
  { effort, note }: BenchTools,
  works: readonly Work[],
  unit: Unit,
  goal: number,
) {
  await using own = await startEchoServer({ transport: 'own' });
  await using grpcJs = await startEchoServer({ transport: 'grpc-js' });
  await using ownCallers = callersOf(own, 'own');
  await using grpcJsCallers = callersOf(grpcJs, 'grpc-js');
  const cases = works.flatMap(({ name, ...work }): Case[] => {
    const order = { ...work, runMs: effort.runMs * runShare };
    const against = `grpc-js, ${name}`;
    return [
      grpcJsCallers.pairCase(unit, order, { name: against }),
      ownCallers.pairCase(unit, order, { name: `own, ${name}`, against, goals: { [unit]: goal } }),
    ];
  });
  note(`${cases.length} cases`);
  return await interleave(part, cases, effort);
}
