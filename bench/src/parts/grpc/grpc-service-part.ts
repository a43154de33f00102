/** The whole Database service on our transport against the transport alone. */
import { cacheService, connectDatabase } from '@connections/proto-utils';
import { startChild } from '../../child/child.ts';
import { temporaryFolder } from '../../child/temporary-folder.ts';
import { checkedReply } from '../../load/checked-reply.ts';
import { loadCase } from '../../load/load-case.ts';
import { interleave } from '../../measure/interleave.ts';
import type { ComposedQuestion } from '../../served/composed-process.ts';
import type { BenchPart } from '../bench-part.ts';

const composed = new URL('../../served/composed-process.js', import.meta.url).href;
const { path, request, response } = cacheService.methods.get;
const key = 'bench';
const shape = { connections: 10, streams: 10 } as const;
const runShare = 0.4;
const goal = 0.7;

export const grpcServicePart: BenchPart = {
  name: 'grpc-service',
  group: 'grpc',
  title: 'Cache reads by the service with log, metrics, deadlines and limits, against the bare transport',
  async run({ effort, load, note }) {
    await using bare = startChild<ComposedQuestion, string>(composed, 'server');
    await using staged = startChild<ComposedQuestion, string>(composed, 'server');
    await using plain = startChild<ComposedQuestion, string>(composed, 'server');
    await using whole = startChild<ComposedQuestion, string>(composed, 'server');
    const transport = 'own';
    const serve = { transport, serve: 'database' } as const;
    const plainAddress = await plain.ask({ ...serve, folder: temporaryFolder(), stages: false });
    const wholeAddress = await whole.ask({ ...serve, folder: temporaryFolder(), stages: true });
    for (const address of [plainAddress, wholeAddress]) await seed(address);
    const call = { path, requests: [request.encode({ namespace: '', key })] };
    const reply = await checkedReply({ ...call, address: wholeAddress });
    if (response.decode(reply).entry?.key !== key) throw new Error('the service answered with another entry');
    const echo = { transport, serve: 'echo', path, replyBytes: reply.length } as const;
    const bareAddress = await bare.ask({ ...echo, stages: false });
    const stagedAddress = await staged.ask({ ...echo, stages: true });
    const against = 'the bare transport, the same sizes';
    const goals = { 'calls/s': goal };
    const timed = { timeout: '10S' };
    const targets = [
      { name: against, target: { ...call, address: bareAddress, pid: bare.pid } },
      {
        name: 'the transport with all around it, deadlines',
        against,
        goals,
        target: { ...call, ...timed, address: stagedAddress, pid: staged.pid },
      },
      {
        name: 'v1 Get, nothing around it',
        against,
        target: { ...call, address: plainAddress, pid: plain.pid },
      },
      {
        name: 'v1 Get, all around it, no deadline',
        against,
        target: { ...call, address: wholeAddress, pid: whole.pid },
      },
      {
        name: 'v1 Get, all around it, deadlines',
        against,
        goals,
        target: { ...call, ...timed, address: wholeAddress, pid: whole.pid },
      },
    ];
    const cases = targets.map(({ target, ...names }) =>
      loadCase(load.generator, { ...shape, runMs: effort.runMs * runShare }, () => target, names),
    );
    note(`${cases.length} cases`);
    return await interleave('grpc-service', cases, effort);
  },
};

async function seed(address: string): Promise<void> {
  using client = connectDatabase(address);
  await client.cache.set({ key, value: Buffer.alloc(100, 'x') });
}
