/** The yardstick of task reads: a server whose handler sends Redis one GET by the vendor's client, and nothing around it. */

import { createServer } from '@connections/grpc';
import { wireDatabaseService } from '@connections/proto-utils';
import type { ApiResponse } from '@connections/proto-utils/wire/utils';
import { answerParent } from '../child/answer-parent.ts';
import { connectRedis, type SendCommand } from './bare-redis.ts';

export interface BareTasksQuestion {
  readonly url: string;
  readonly task: string;
  readonly taskIds: readonly string[];
  readonly state: StoredState;
}

/** As it lies in Redis: JSON. */
export interface StoredState {
  readonly status: string;
  readonly code: number;
  readonly message: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Answers with the address it listens on. */
answerParent<BareTasksQuestion, string>(async ({ url, task, taskIds, state }) => {
  const send = await connectRedis(url);
  for (const taskId of taskIds) await send(['SET', keyOf(task, taskId), JSON.stringify(state)]);
  const { getTaskId } = wireDatabaseService.methods;
  const server = createServer();
  server.add(
    { fullName: wireDatabaseService.fullName, methods: { getTaskId } },
    { getTaskId: async (request) => found(await send(['GET', keyOf(request.task, request.taskId)])) },
  );
  return `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
});

function keyOf(task: string, taskId: string): string {
  return `bare:${task}:${taskId}`;
}

function found(reply: Awaited<ReturnType<SendCommand>>) {
  if (reply === null) return { found: false };
  const { data, ...state } = JSON.parse(String(reply)) as StoredState;
  const value: ApiResponse = { ...state, data: new Map(Object.entries(data)) };
  return { found: true, value };
}
