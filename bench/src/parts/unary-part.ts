/** Unary cache reads of both faces against a bare grpc-js server with the same sizes on the same core. */
import { cacheService, connectDatabase, wireDatabaseService } from '@connections/proto-utils';
import { startChild } from '../child/child.ts';
import { type ServiceProcess, startServices } from '../child/service-process.ts';
import { checkedReply } from '../load/checked-reply.ts';
import { loadCase, type ServedTarget } from '../load/load-case.ts';
import { interleave } from '../measure/interleave.ts';
import type { Case } from '../measure/measurement.ts';
import type { EchoRpcs } from '../served/bare-echo-process.ts';
import type { BenchPart } from './bench-part.ts';

/** The least share of the bare server's throughput that is wanted. */
const goal = 0.85;
const sizes = [
  { label: '100 B', bytes: 100 },
  { label: '10 KB', bytes: 10_000 },
] as const;
const shape = { connections: 4, streams: 16 } as const;

interface Read {
  readonly name: string;
  readonly target: ServedTarget;
  readonly replyBytes: number;
}

export const unaryPart: BenchPart = {
  name: 'unary',
  title: 'Unary cache reads against a bare grpc-js server',
  async run({ effort, load, note }) {
    await using services = await startServices();
    await using echo = startChild<EchoRpcs, string>(
      new URL('../served/bare-echo-process.js', import.meta.url).href,
      'server',
    );
    const reads = await seededReads(services);
    const rpcs = new Map(reads.map(({ name, replyBytes }) => [echoPath(name), replyBytes]));
    const address = await echo.ask(rpcs);
    const cases = reads.flatMap(({ name, target }): Case[] => {
      const bare = { ...target, address, path: echoPath(name), pid: echo.pid };
      const bareName = `bare grpc-js, the sizes of ${name}`;
      const run = { ...shape, runMs: effort.runMs };
      return [
        loadCase(load.generator, run, () => bare, { name: bareName }),
        loadCase(load.generator, run, () => target, { name, against: bareName, goals: { 'calls/s': goal } }),
      ];
    });
    note(`${cases.length} cases, ${shape.connections * shape.streams} calls in flight`);
    return await interleave('unary', cases, effort);
  },
};

/** Writes the entries, and calls each rpc once to see that it answers with what was written. */
async function seededReads({ database, pid }: ServiceProcess): Promise<Read[]> {
  using client = connectDatabase(database);
  const reads: Read[] = [];
  for (const { label, bytes } of sizes) {
    const key = `bench:${label}`;
    const text = 'The quick brown fox. '.repeat(bytes).slice(0, bytes);
    await client.cache.set({ key, value: Buffer.from(text) });
    const { get } = cacheService.methods;
    const { redisGet } = wireDatabaseService.methods;
    const v1 = {
      address: database,
      path: get.path,
      requests: [get.request.encode({ namespace: '', key })],
      pid,
    };
    const wire = {
      address: database,
      path: redisGet.path,
      requests: [redisGet.request.encode({ key })],
      pid,
    };
    const v1Reply = await checkedReply(v1);
    const wireReply = await checkedReply(wire);
    const value = get.response.decode(v1Reply).entry?.value;
    if (
      !value ||
      Buffer.from(value).toString() !== text ||
      redisGet.response.decode(wireReply).value !== text
    ) {
      throw new Error('the services answered with another value than was written');
    }
    reads.push(
      { name: `v1 Get, ${label}`, target: v1, replyBytes: v1Reply.length },
      { name: `RedisGet, ${label}`, target: wire, replyBytes: wireReply.length },
    );
  }
  return reads;
}

function echoPath(name: string): string {
  return `/bench.Echo/${encodeURIComponent(name)}`;
}
