/** Reads the status of tasks from a Database service. */
import { type Channel, createClient } from '@connections/grpc';
import { isStatusError } from '@connections/grpc/status';
import { taskService } from '@connections/proto-utils';
import type { ReadTaskStatus } from './polled-task-transitions.ts';

/** A read that takes longer is given up, to be made again. */
const readTimeoutMs = 2_000;

export function grpcTaskStatus(channel: Channel): ReadTaskStatus {
  const tasks = createClient(taskService, channel);
  return async ({ category, id }, signal) => {
    try {
      const { task } = await tasks.get({ category, id }, { signal, timeoutMs: readTimeoutMs });
      return task?.status;
    } catch (error) {
      if (isStatusError(error) && error.status === 'NOT_FOUND') return undefined;
      throw error;
    }
  };
}
