/** Memory of both services in one process: at rest, and with as many idle streams as they take. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectMessaging, messagingService } from '@connections/proto-utils';
import { limits } from '@connections/runtime';
import { startChild } from '../child/child.ts';
import { residentMiBOf } from '../child/process-usage.ts';
import { type ServiceProcess, startServices } from '../child/service-process.ts';
import type { IdleStreams } from '../load/idle-streams-process.ts';
import { interleave } from '../measure/interleave.ts';
import type { BenchPart } from './bench-part.ts';

/** Each with a process of its own. */
const clients = 2;
/** What a server takes on one connection. */
const streamsOfConnection = 1_000;
const queue = 'bench';
/** For the start, or the opening, to be over with all that it put off. */
const settleMs = 1_000;
const openTimeoutMs = 60_000;

export const memoryPart: BenchPart = {
  name: 'memory',
  title: 'Resident memory of both services in one process',
  async run({ effort }) {
    const ofClient = Math.round((limits.openStreams * effort.scale) / clients);
    const connections = Math.ceil(ofClient / streamsOfConnection);
    const streams = Math.round(ofClient / connections);
    const count = clients * connections * streams;
    const cases = [
      {
        name: 'at rest',
        async run() {
          await using services = await startServices();
          return { MiB: await settledMiB(services) };
        },
      },
      {
        name: `${count} idle streams on ${clients * connections} connections`,
        async run() {
          await using services = await startServices();
          const before = await settledMiB(services);
          await using clientProcesses = await openStreams(services.messaging, connections, streams);
          const after = await settledMiB(services);
          return { MiB: after, 'KiB/stream': ((after - before) * 1_024) / clientProcesses.count };
        },
      },
    ];
    // Processes that have just started need no warm-up.
    return await interleave('memory', cases, { ...effort, warmUps: 0 });
  },
};

async function settledMiB({ pid }: ServiceProcess): Promise<number> {
  await delay(settleMs);
  const mib = residentMiBOf(pid);
  if (mib === undefined) throw new Error('this system does not tell the memory of a process');
  return mib;
}

/** Resolves when each has been accepted. */
async function openStreams(address: string, connections: number, streams: number) {
  using client = connectMessaging(address);
  await client.messaging.declareTopology({ topology: { queues: [{ name: queue }] } });
  const { path, request } = messagingService.methods.subscribe;
  const message = request.encode(
    request.create({
      frame: { $case: 'open', value: { namespace: '', queue, credit: undefined, lease: undefined } },
    }),
  );
  const module = new URL('../load/idle-streams-process.js', import.meta.url).href;
  const order = { address, path, message, open: true, connections, streams };
  const opened = Array.from({ length: clients }, () => startChild<IdleStreams, number>(module, 'generator'));
  const close = async () => {
    await Promise.all(opened.map((child) => child[Symbol.asyncDispose]()));
  };
  try {
    const counts = await Promise.all(opened.map((child) => child.ask(order, openTimeoutMs)));
    return { count: counts.reduce((sum, each) => sum + each, 0), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
