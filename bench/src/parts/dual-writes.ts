/** Durable writes of the dual store, on its port and over gRPC, against the same updates by the bare driver of MongoDB. */
import { taskService } from '@connections/proto-utils';
import { type MongoOptions, mongoMissing, prepareMongo, startMongo, startRedis } from '@connections/testing';
import { type Child, startChild } from '../child/child.ts';
import type { ServiceProcess } from '../child/service-process.ts';
import { checkedReply } from '../load/checked-reply.ts';
import { loadCase, type ServedTarget } from '../load/load-case.ts';
import { ownLoad } from '../load/own-load.ts';
import { interleave } from '../measure/interleave.ts';
import { loopFigures } from '../measure/loop-figures.ts';
import type { Case, Measurement } from '../measure/measurement.ts';
import type { DualAnswer, DualOp, DualQuestion } from '../served/dual-ops.ts';
import { ringSize, taskCategory, taskId } from '../served/storage-ops.ts';
import type { BenchTools } from './bench-part.ts';

/** The least share of the bare driver's throughput that is wanted, one at a time. */
const goals = { 'operations/s': 0.8 };
/** The least gain of 64 at a time over one. */
const togetherGoals = { 'operations/s': 3 };
const openMs = 300_000;
const runShare = 0.5;

type DualChild = Child<DualQuestion, DualAnswer>;
const module = new URL('../served/dual-process.js', import.meta.url).href;

export async function measureWrites(tools: BenchTools, services: ServiceProcess): Promise<Measurement[]> {
  const { note } = tools;
  const plain = await measureOn(tools, {}, 'task patches', services);
  const options = { syncOnCommit: true };
  const missing = mongoMissing(options);
  if (missing !== undefined) {
    note(`no writes on a MongoDB that syncs: ${missing}`);
    return plain;
  }
  return [...plain, ...(await measureOn(tools, options, 'synced task patches', undefined))];
}

/** The driver and the port have a server each: what one writes is not in the other's feed. */
async function measureOn(
  { effort, note }: BenchTools,
  options: MongoOptions,
  what: string,
  services: ServiceProcess | undefined,
): Promise<Measurement[]> {
  await using bareMongo = await startMongo(options);
  await prepareMongo(bareMongo.url);
  await using bare: DualChild = startChild(module, 'server');
  const filling = { tasks: ringSize, withinMs: openMs };
  await bare.ask({ ask: 'fill ledger', mongo: bareMongo.url, ...filling }, openMs);
  await using redis = await startRedis();
  await using mongo = await startMongo(options);
  await prepareMongo(mongo.url);
  await using port: DualChild = startChild(module, 'server');
  await port.ask({ ask: 'open', redis: redis.url, mongo: mongo.url, first: 0 }, openMs);
  await using generator = ownLoad();
  const runMs = effort.runMs * runShare;

  const ours = (inFlight: number) => () => port.ask({ ask: 'run', op: 'patch', inFlight, runMs });
  const theirs = (op: DualOp) => () => bare.ask({ ask: 'run', op, inFlight: 1, runMs });
  const bareAlone = `${what}, bare, one at a time`;
  const portAlone = `${what}, port, one at a time`;
  const grpcAlone = `${what}, gRPC, one at a time`;
  const cases: Case[] = [
    { name: bareAlone, run: figuresOf(theirs('bare patch')) },
    { name: portAlone, against: bareAlone, goals, run: figuresOf(ours(1)) },
    {
      name: `${what}, bare, 64 in one bulk write`,
      against: bareAlone,
      run: figuresOf(theirs('bare patches of 64')),
    },
    {
      name: `${what}, port, 64 in flight`,
      against: portAlone,
      goals: togetherGoals,
      run: figuresOf(ours(64)),
    },
  ];
  if (services) {
    const target = patches(services);
    await checkedReply(target);
    const shape = { connections: 1, streams: 1, runMs };
    cases.push(
      inOperations(loadCase(generator, shape, () => target, { name: grpcAlone, against: bareAlone, goals })),
    );
  }
  note(`${cases.length} cases of ${what}`);
  return await interleave('dual-writes', cases, effort);
}

function figuresOf(ask: () => Promise<DualAnswer>): Case['run'] {
  return async () => {
    const result = await ask();
    if (!result || !('calls' in result)) throw new Error('nothing was measured');
    return loopFigures(result);
  };
}

/** Calls are compared with what a driver does. */
function inOperations({ run, ...names }: Case): Case {
  return {
    ...names,
    async run() {
      const { 'calls/s': calls, ...figures } = await run();
      return { ...figures, ...(calls !== undefined && { 'operations/s': calls }) };
    },
  };
}

function patches({ database, pid }: ServiceProcess): ServedTarget {
  const { path, request } = taskService.methods.patch;
  return {
    address: database,
    pid,
    path,
    requests: Array.from({ length: ringSize }, (_, index) =>
      request.encode(
        request.create({
          category: taskCategory,
          id: taskId(index),
          code: index,
          data: new Map([['step', String(index)]]),
        }),
      ),
    ),
  };
}
