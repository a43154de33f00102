/** Messages through RabbitMQ by our ways, each against `amqplib` alone on the same broker and the same queue. */
import { connectMessaging } from '@connections/proto-utils';
import { rabbitMissing, startRabbit } from '@connections/testing';
import { type Child, startChild } from '../child/child.ts';
import { cpuMsOf } from '../child/process-usage.ts';
import { type ServiceProcess, startServices } from '../child/service-process.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { interleave } from '../measure/interleave.ts';
import type { Case, Figures } from '../measure/measurement.ts';
import {
  type LatencyResult,
  type RabbitAnswer,
  type RabbitQuestion,
  type RabbitWay,
  rabbitPrefetch,
  rabbitQueue,
} from '../served/rabbit-ops.ts';
import type { BenchPart, BenchTools } from './bench-part.ts';

/** The least shares of what `amqplib` alone does that are wanted. */
type Goals = Partial<Record<RabbitWay, number>>;
const consumeGoals: Goals = { gRPC: 0.9 };
/** What the service may add at p99. */
const addedMs = 3;

/** As many unconfirmed as a publisher may have. */
const shapes = [
  { batch: 1, inFlight: 250, what: 'one at a time, 250 in flight', goals: { direct: 0.95 } },
  { batch: 250, inFlight: 4, what: 'batches of 250, 4 in flight', goals: { direct: 0.95, gRPC: 0.8 } },
] as const satisfies readonly { readonly goals: Goals; readonly [name: string]: unknown }[];
const publishShare = 0.5;
const consumed = 10_000;
const perSecond = 1_000;
const timed = 3_000;
const openMs = 60_000;

type RabbitChild = Child<RabbitQuestion, RabbitAnswer>;

export const rabbitPart: BenchPart = {
  name: 'rabbit',
  title: 'Messages of 1 KB through RabbitMQ, by our ways and by amqplib alone',
  missing: () => rabbitMissing({ own: true }),
  async run(tools) {
    await using broker = await startRabbit({ own: true });
    await using services = await startServices(temporaryFolder(), { MESSAGING_BROKER_URL: broker.url });
    await declareQueue(services.messaging);
    const module = new URL('../served/rabbit-process.js', import.meta.url).href;
    await using child: RabbitChild = startChild(module, 'generator');
    await child.ask({ ask: 'open', broker: broker.url, messaging: services.messaging }, openMs);
    const cases = [
      ...publishCases(tools, child, services),
      ...consumeCases(tools, child, services),
      ...latencyCases(tools, child),
    ];
    tools.note(`${cases.length} cases on a queue of type quorum`);
    return await interleave('rabbit', cases, tools.effort);
  },
};

async function declareQueue(address: string): Promise<void> {
  using client = connectMessaging(address);
  await client.messaging.declareTopology({ topology: { queues: [{ name: rabbitQueue }] } });
}

function publishCases({ effort }: BenchTools, child: RabbitChild, services: ServiceProcess): Case[] {
  const runMs = effort.runMs * publishShare;
  return shapes.flatMap(({ what, batch, inFlight, goals }) =>
    (['bare', 'port', 'handlers', 'direct', 'gRPC'] as const).map((way) => ({
      ...namesOf(`published ${what}`, way, goals),
      run: () => measured(child, services, { ask: 'publish', way, batch, inFlight, runMs }),
    })),
  );
}

function consumeCases({ effort }: BenchTools, child: RabbitChild, services: ServiceProcess): Case[] {
  const count = Math.ceil(consumed * effort.scale);
  return (['bare', 'port', 'handlers', 'gRPC'] as const).map((way) => ({
    ...namesOf(`consumed, prefetch ${rabbitPrefetch}`, way, consumeGoals),
    run: () => measured(child, services, { ask: 'consume', way, count }),
  }));
}

function namesOf(what: string, way: RabbitWay, goals: Goals): Pick<Case, 'name' | 'against' | 'goals'> {
  const goal = goals[way];
  return {
    name: `${what}, ${way}`,
    ...(way !== 'bare' && { against: `${what}, bare` }),
    ...(goal !== undefined && { goals: { 'messages/s': goal } }),
  };
}

/** The processor time is that of the process with the connection to the broker. */
async function measured(
  child: RabbitChild,
  { pid }: ServiceProcess,
  question: RabbitQuestion & { readonly way: RabbitWay },
): Promise<Figures> {
  const before = cpuMsOf(pid);
  const result = await child.ask(question);
  const after = cpuMsOf(pid);
  if (!result || !('calls' in result)) throw new Error('nothing was measured');
  const { calls, elapsedMs } = result;
  const ofService = before === undefined || after === undefined ? undefined : after - before;
  const cpuMs = question.way === 'gRPC' ? ofService : result.cpuMs;
  return {
    'messages/s': calls / (elapsedMs / 1_000),
    ...(cpuMs !== undefined && { 'µs of CPU/call': (cpuMs * 1_000) / calls }),
  };
}

/** What a way adds is what it took less what `amqplib` took right before. */
function latencyCases({ effort }: BenchTools, child: RabbitChild): Case[] {
  const count = Math.ceil(timed * effort.scale);
  const last = new Map<RabbitWay, LatencyResult>();
  const what = `${perSecond} messages/s`;
  const ways = ['bare', 'port', 'handlers', 'direct', 'gRPC'] as const;
  const taken = ways.map((way) => ({
    name: `${what}, ${way}`,
    async run() {
      const result = await child.ask({ ask: 'latency', way, perSecond, count });
      if (!result || !('p99' in result)) throw new Error('nothing was measured');
      last.set(way, result);
      return { 'ms at p50': result.p50, 'ms at p99': result.p99 };
    },
  }));
  const added = ways.slice(1).map((way) => ({
    name: `${what}, added by ${way}${way === 'gRPC' ? ` (goal: ${addedMs} ms at p99)` : ''}`,
    async run() {
      const [bare, ours] = [last.get('bare'), last.get(way)];
      if (!bare || !ours) throw new Error('there is nothing to compare');
      return { 'ms at p50': ours.p50 - bare.p50, 'ms at p99': ours.p99 - bare.p99 };
    },
  }));
  return [...taken, ...added];
}
