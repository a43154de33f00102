/** What connections, streams and readers that do not read cost a server in memory. */
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from '../../child/child.ts';
import { residentMiBOf } from '../../child/process-usage.ts';
import type { IdleStreams } from '../../load/idle-streams-process.ts';
import { interleave } from '../../measure/interleave.ts';
import type { Case } from '../../measure/measurement.ts';
import type { FloodOrder } from '../../served/grpc/bare-flood-process.ts';
import { askFor, echoService } from '../../served/grpc/echo-service.ts';
import type { TransportName } from '../../served/grpc/transport.ts';
import type { BenchPart } from '../bench-part.ts';
import { type EchoServer, smallBytes, startEchoServer } from './echo-pair.ts';

const load = new URL('../../load/idle-streams-process.js', import.meta.url).href;
const flood = new URL('../../served/grpc/bare-flood-process.js', import.meta.url).href;
/** For what was put off to be done. */
const settleMs = 1_000;
const openTimeoutMs = 60_000;
/** Of a run of the other parts: what is resident differs little from one to the next. */
const repetitions = 3;
const stalledBytes = 1_000_000;
const { echo, chat, flood: floods } = echoService.methods;
const small = new Uint8Array(smallBytes).fill(0x78);

type Opened = Omit<IdleStreams, 'address'>;

export const grpcMemoryPart: BenchPart = {
  name: 'grpc-memory',
  group: 'grpc',
  title: 'Memory that a server takes on, against grpc-js',
  async run({ effort, note }) {
    const scaled = (count: number) => Math.max(1, Math.round(count * effort.scale));
    const connections = scaled(1_000);
    const streams = scaled(1_000);
    const readers = scaled(50);
    const ask = askFor(stalledBytes);
    const cases = [
      ...compared(`${connections} idle connections`, {
        path: echo.path,
        message: small,
        connections,
        streams: 1,
        open: false,
        answered: true,
      }),
      ...compared(`${10 * streams} idle streams on 10 connections`, {
        path: chat.path,
        message: small,
        connections: 10,
        streams,
        open: true,
      }),
      ...compared(
        `${readers} stalled readers of messages of 1 MB`,
        { path: floods.path, message: ask, connections: readers, streams: 1, open: false },
        startBareFlood,
      ),
    ];
    note(`${cases.length} cases`);
    // Processes that have just started need no warm-up.
    const turns = Math.min(repetitions, effort.repetitions);
    return await interleave('grpc-memory', cases, { repetitions: turns, warmUps: 0 });
  },
};

function compared(what: string, opened: Opened, startOther = () => startOn('grpc-js')): Case[] {
  const against = `grpc-js, ${what}`;
  return [
    { name: against, run: () => taken(startOther, opened) },
    { name: `own, ${what}`, against, goals: { MiB: 2 }, run: () => taken(() => startOn('own'), opened) },
  ];
}

function startOn(transport: TransportName): Promise<EchoServer> {
  return startEchoServer({ transport });
}

async function startBareFlood(): Promise<EchoServer> {
  const child = startChild<FloodOrder, string>(flood, 'server');
  const address = await child.ask({ path: floods.path, messageBytes: stalledBytes });
  return { pid: child.pid, address, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

/** Beyond what a server has that was called before. */
async function taken(start: () => Promise<EchoServer>, opened: Opened) {
  await using server = await start();
  await using first = startChild<IdleStreams, number>(load, 'generator');
  await first.ask({ ...opened, address: server.address, connections: 1, streams: 1 }, openTimeoutMs);
  await first[Symbol.asyncDispose]();
  const before = await settledMiB(server);
  await using client = startChild<IdleStreams, number>(load, 'generator');
  await client.ask({ ...opened, address: server.address }, openTimeoutMs);
  return { MiB: (await settledMiB(server)) - before };
}

async function settledMiB({ pid }: EchoServer): Promise<number> {
  await delay(settleMs);
  const mib = residentMiBOf(pid);
  if (mib === undefined) throw new Error('this system does not tell the memory of a process');
  return mib;
}
