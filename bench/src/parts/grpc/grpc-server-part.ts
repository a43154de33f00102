/** Servers that echo, on one core, under a client of others. */
import { checkedReply } from '../../load/checked-reply.ts';
import { loadCase } from '../../load/load-case.ts';
import { interleave } from '../../measure/interleave.ts';
import type { Case } from '../../measure/measurement.ts';
import { echoService } from '../../served/grpc/echo-service.ts';
import type { BenchPart } from '../bench-part.ts';
import { smallBytes, startBareEcho, startEchoServer } from './echo-pair.ts';

const shapes = [
  { connections: 10, streams: 10 },
  { connections: 50, streams: 20 },
] as const;
const runShare = 0.4;
const goal = 4;

export const grpcServerPart: BenchPart = {
  name: 'grpc-server',
  group: 'grpc',
  title: 'Echo of 100 B by a server on one core, against bare grpc-js',
  async run({ effort, load, note }) {
    await using own = await startEchoServer({ transport: 'own' });
    await using adapter = await startEchoServer({ transport: 'grpc-js' });
    await using bare = await startBareEcho();
    const call = { path: echoService.methods.echo.path, requests: [new Uint8Array(smallBytes).fill(0x78)] };
    for (const { address } of [own, adapter, bare]) await checkedReply({ ...call, address });
    const cases = shapes.flatMap((shape): Case[] => {
      const inFlight = `${shape.connections}×${shape.streams} in flight`;
      const run = { ...shape, runMs: effort.runMs * runShare };
      const against = `bare grpc-js, ${inFlight}`;
      return [
        loadCase(load.generator, run, () => ({ ...call, ...bare }), { name: against }),
        loadCase(load.generator, run, () => ({ ...call, ...adapter }), {
          name: `our adapter of grpc-js, ${inFlight}`,
          against,
        }),
        loadCase(load.generator, run, () => ({ ...call, ...own }), {
          name: `own, ${inFlight}`,
          against,
          goals: { 'calls/s': goal },
        }),
      ];
    });
    note(`${cases.length} cases`);
    return await interleave('grpc-server', cases, effort);
  },
};
