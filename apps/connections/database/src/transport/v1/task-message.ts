/** A task as v1 says it. */
import type { Task as TaskMessage } from '@connections/proto-utils/v1/tasks';
import type { Task } from '../../port/tasks.ts';
import { secondsDuration } from './duration.ts';

export function taskMessage(
  { importName, revision, createdAt, updatedAt, ...task }: Task,
  statusTtlSeconds: number,
): TaskMessage {
  return {
    namespace: task.namespace,
    category: task.category,
    id: task.id,
    importName,
    status: task.status,
    code: task.code,
    message: task.message,
    data: new Map(task.data),
    revision: BigInt(revision),
    createTime: new Date(createdAt),
    updateTime: new Date(updatedAt),
    statusTtl: secondsDuration(statusTtlSeconds),
  };
}
