/** Reads of one task from the view, by both faces, against a handler that sends Redis one GET. */
import { taskService, wireDatabaseService } from '@connections/proto-utils';
import { Source } from '@connections/proto-utils/v1/tasks';
import { eventually } from '@connections/testing';
import { startChild } from '../child/child.ts';
import type { ServiceProcess } from '../child/service-process.ts';
import { checkedReply } from '../load/checked-reply.ts';
import { loadCase, type ServedTarget } from '../load/load-case.ts';
import { interleave } from '../measure/interleave.ts';
import type { Case, Measurement } from '../measure/measurement.ts';
import type { BareTasksQuestion } from '../served/bare-task-process.ts';
import { taskCategory, taskId } from '../served/storage-ops.ts';
import type { BenchTools } from './bench-part.ts';

/** The least share of the bare handler's throughput that is wanted. */
const goal = 0.8;
const fillMs = 60_000;
const runShare = 0.5;
const shapes = [
  { connections: 1, streams: 1 },
  { connections: 4, streams: 16 },
] as const;

export const readState = {
  status: 'pending',
  code: 202,
  message: 'waits',
  data: { step: '0', import_name: 'bench' },
} as const;

export async function measureReads(
  { effort, load, note }: BenchTools,
  { database, pid }: ServiceProcess,
  redisUrl: string,
): Promise<Measurement[]> {
  const module = new URL('../served/bare-task-process.js', import.meta.url).href;
  await using bare = startChild<BareTasksQuestion, string>(module, 'server');
  const id = taskId(0);
  const address = await bare.ask({ url: redisUrl, task: taskCategory, taskIds: [id], state: readState });
  const { getTaskId } = wireDatabaseService.methods;
  const { get } = taskService.methods;
  const wireRequest = getTaskId.request.encode({ task: taskCategory, taskId: id });
  const v1Request = get.request.encode(get.request.create({ category: taskCategory, id }));
  const wire = { address: database, path: getTaskId.path, requests: [wireRequest], pid };
  const v1 = { address: database, path: get.path, requests: [v1Request], pid };
  const bareTarget = { ...wire, address, pid: bare.pid };
  const expected = Buffer.from(await checkedReply(bareTarget));
  if (!expected.equals(await checkedReply(wire))) throw new Error('the two answer with different tasks');
  await eventually(async () => {
    const { source } = get.response.decode(await checkedReply(v1));
    if (source !== Source.SOURCE_VIEW)
      throw new Error(`a task of the view was answered from source ${source}`);
  }, fillMs);
  const cases = shapes.flatMap((shape): Case[] => {
    const run = { ...shape, runMs: effort.runMs * runShare };
    const inFlight = `${shape.connections * shape.streams} in flight`;
    const name = `bare GET and the same reply, ${inFlight}`;
    const beside = (what: string, target: ServedTarget) =>
      loadCase(load.generator, run, () => target, {
        name: `${what} from the view, ${inFlight}`,
        against: name,
        goals: { 'calls/s': goal },
      });
    return [
      loadCase(load.generator, run, () => bareTarget, { name }),
      beside('GetTaskId', wire),
      beside('v1 GetTask', v1),
    ];
  });
  note(`${cases.length} cases of reads`);
  return await interleave('dual-reads', cases, effort);
}
