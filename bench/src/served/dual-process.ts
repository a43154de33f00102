/** The task port on MongoDB with its view on Redis, as the services have it, in a process of its own. */
import { openPorts } from '@connections/database/drivers';
import { CallEnding, systemClock } from '@connections/runtime';
import { eventually } from '@connections/testing';
import { answerParent } from '../child/answer-parent.ts';
import { temporaryFolder } from '../child/temporary-folder.ts';
import { type BareMongo, openBareMongo, taskIndexesBuilt } from './bare-mongo.ts';
import { closedLoop, type LoopResult } from './closed-loop.ts';
import type { BareDualOp, DualAnswer, DualQuestion } from './dual-ops.ts';
import { fillLedger } from './filled-ledger.ts';
import { ringSize, taskCategory, taskId } from './storage-ops.ts';
import { togetherCount } from './store-ops.ts';

const seen = { token: undefined, strong: false };
const fillMs = 60_000;
const viewTtlMs = 3_600_000;
/** Longer than the setting allows: a test server of MongoDB takes seconds for 64 writes. */
const taskWaitMs = 30_000;

/** As a service gives it. */
const signal = new CallEnding();
const putting = { requestId: undefined, principal: 'bench', allowBuffered: false, ifAbsent: false };
const patching = {
  requestId: undefined,
  principal: 'bench',
  allowBuffered: false,
  expectedRevision: undefined,
};
const state = { status: 'pending', code: 202, message: '', data: new Map([['step', '0']]) };
const query = { namespace: 'default', category: taskCategory, importName: undefined, status: undefined };
const pageSize = 50;
const maxBytes = 4_194_304;
const refOf = (id: string) => ({ namespace: 'default', category: taskCategory, id });

let opened: Awaited<ReturnType<typeof open>> | undefined;
let bare: BareMongo | undefined;

answerParent<DualQuestion, DualAnswer>(async (question) => {
  if (question.ask === 'fill ledger') {
    const { mongo, tasks, withinMs } = question;
    const filled = await fillLedger(mongo, refOf, { tasks, withinMs });
    bare = await openBareMongo(mongo);
    return filled;
  }
  if (question.ask === 'open') {
    opened = await open(question.redis, question.mongo, question.first);
    return undefined;
  }
  const { op, inFlight, runMs } = question;
  if (op !== 'patch' && op !== 'list') return runBare(op, runMs);
  const { patch, list, warm } = stores();
  if (op === 'list') return closedLoop({ inFlight, runMs }, list);
  await warm();
  return closedLoop({ inFlight, runMs }, patch);
});

function stores() {
  if (!opened) throw new Error('no stores are open');
  return opened;
}

function runBare(op: BareDualOp, runMs: number): Promise<LoopResult> {
  const driver = bare;
  if (!driver) throw new Error('there is no ledger for the bare driver');
  switch (op) {
    case 'bare patch':
      return closedLoop({ inFlight: 1, runMs }, (index) => driver.patch(index));
    case 'bare patches of 64':
      return closedLoop({ inFlight: 1, runMs, callsEach: togetherCount }, (index) =>
        driver.patchTogether(index),
      );
    case 'bare list':
      return closedLoop({ inFlight: 1, runMs }, () => driver.list(pageSize));
  }
}

async function open(redis: string, mongo: string, first: number) {
  const request = {
    folder: temporaryFolder(),
    sync: 'second',
    maxBytes: 2 ** 30,
    clock: systemClock,
    taskTtlMs: () => viewTtlMs,
    taskWaitMs,
    mongo: { database: 'bench', schemasCollection: 'schemas', tasksCollection: 'tasks' },
  } as const;
  const urls = { cache: 'embedded:', schemas: 'embedded:', tasks: mongo, taskView: redis };
  const { tasks } = (await openPorts(urls, request)).ports;
  const ring = Array.from({ length: ringSize }, (_, index) => refOf(taskId(first + index)));
  await taskIndexesBuilt(mongo);
  for (const ref of ring) {
    const { task } = await tasks.get(ref, { token: undefined, strong: true }, signal);
    if (!task) await tasks.put(ref, state, putting, signal);
  }
  /** As far as another process tails it, an entry may have been dropped. */
  const warm = async () => {
    for (const ref of ring) await eventually(() => fromView(tasks.get(ref, seen, signal)), fillMs);
  };
  await warm();
  const patch = (index: number): Promise<unknown> => {
    const data = { replace: false, remove: [], set: new Map([['step', String(index)]]) };
    const ref = ring[index % ringSize] ?? refOf(taskId(first));
    return tasks.patch(ref, { code: index % 1_000, data }, patching, signal);
  };
  const list = async (): Promise<void> => {
    const { tasks: listed } = await tasks.list(
      query,
      { after: undefined, limit: pageSize, maxBytes },
      signal,
    );
    if (listed.length !== pageSize) throw new Error(`a page has ${listed.length} tasks`);
  };
  return { patch, list, warm };
}

async function fromView(read: Promise<{ readonly source: string; readonly task: unknown }>): Promise<void> {
  const { source, task } = await read;
  if (source !== 'VIEW' || !task) throw new Error(`a task of the view was answered from ${source}`);
}
