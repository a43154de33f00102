/** What stands around each call and what it costs: one by one without a transport, then what clients see of all. */
import { cacheService, connectDatabase } from '@connections/proto-utils';
import { startChild } from '../child/child.ts';
import { startServices } from '../child/service-process.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { checkedReply } from '../load/checked-reply.ts';
import { loadCase } from '../load/load-case.ts';
import { interleave } from '../measure/interleave.ts';
import type { Case, Measurement } from '../measure/measurement.ts';
import type { EchoRpcs } from '../served/bare-echo-process.ts';
import type { ChainAnswer, ChainQuestion } from '../served/chain-process.ts';
import type { ComposedQuestion } from '../served/composed-process.ts';
import type { BenchPart, BenchTools } from './bench-part.ts';

const chainCalls = 200_000;
const shape = { connections: 4, streams: 16 } as const;
const { path, request, response } = cacheService.methods.get;
const key = 'bench';

export const interceptorsPart: BenchPart = {
  name: 'interceptors',
  title: 'What stands around each call',
  async run(tools) {
    return [...(await inProcess(tools)), ...(await endToEnd(tools))];
  },
};

async function inProcess({ effort }: BenchTools): Promise<Measurement[]> {
  const module = new URL('../served/chain-process.js', import.meta.url).href;
  await using child = startChild<ChainQuestion, ChainAnswer>(module, 'server');
  const known = await child.ask({ ask: 'names' });
  const names = 'names' in known ? known.names : [];
  const calls = Math.max(1, Math.round(chainCalls * effort.scale));
  const chainCase = (name: string, members: readonly string[]): Case => ({
    name,
    async run() {
      const answer = await child.ask({ ask: 'run', names: members, calls });
      return 'elapsedMs' in answer ? { 'ns/call': (answer.elapsedMs * 1e6) / answer.calls } : {};
    },
  });
  const cases = [
    chainCase('no stage', []),
    ...names.map((name) => chainCase(`${name} alone`, [name])),
    chainCase('all stages', names),
  ];
  return await interleave('interceptors', cases, effort);
}

/** From a bare server to the real one, a layer at a time, with one request and one size of reply. */
async function endToEnd({ effort, load }: BenchTools): Promise<Measurement[]> {
  const composed = new URL('../served/composed-process.js', import.meta.url).href;
  const bareEcho = new URL('../served/bare-echo-process.js', import.meta.url).href;
  await using services = await startServices();
  await using bare = startChild<EchoRpcs, string>(bareEcho, 'server');
  await using echo = startChild<ComposedQuestion, string>(composed, 'server');
  await using database = startChild<ComposedQuestion, string>(composed, 'server');
  const databaseAddress = await database.ask({
    transport: 'own',
    serve: 'database',
    folder: temporaryFolder(),
    stages: false,
  });
  for (const address of [services.database, databaseAddress]) await seed(address);
  const call = { path, requests: [request.encode({ namespace: '', key })] };
  const reply = await checkedReply({ ...call, address: services.database });
  if (response.decode(reply).entry?.key !== key) throw new Error('the service answered with another entry');
  const replyBytes = reply.length;
  const targets = [
    { name: 'bare grpc-js echo', address: await bare.ask(new Map([[path, replyBytes]])), pid: bare.pid },
    {
      name: 'our transport, echo',
      address: await echo.ask({ transport: 'own', serve: 'echo', stages: false, path, replyBytes }),
      pid: echo.pid,
    },
    { name: 'v1 Get, no interceptor', address: databaseAddress, pid: database.pid },
    { name: 'v1 Get as served', address: services.database, pid: services.pid },
  ];
  const cases = targets.map(({ name, address, pid }, index) => {
    const target = { ...call, address, pid };
    const names = index === 0 ? { name } : { name, against: targets[0]?.name ?? '' };
    return loadCase(load.generator, { ...shape, runMs: effort.runMs }, () => target, names);
  });
  return await interleave('interceptors', cases, effort);
}

async function seed(address: string): Promise<void> {
  using client = connectDatabase(address);
  await client.cache.set({ key, value: Buffer.alloc(100, 'x') });
}
