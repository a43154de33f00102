/** Kinds of status by how long a task in one of them is kept, as data: one row for each pair of settings. */

interface TaskTtlRow {
  /** The environment variable that sets how long it may be served without asking again. */
  readonly variable: string;
  /** The one that sets how long it is kept at all. */
  readonly retentionVariable: string;
  readonly seconds: number;
  readonly statuses: readonly string[];
}

export const taskTtlRows = {
  pending: {
    variable: 'TASK_TTL_PENDING_SECONDS',
    retentionVariable: 'TASK_RETENTION_PENDING_SECONDS',
    seconds: 1_800,
    statuses: ['accepted'],
  },
  processing: {
    variable: 'TASK_TTL_PROCESSING_SECONDS',
    retentionVariable: 'TASK_RETENTION_PROCESSING_SECONDS',
    seconds: 3_600,
    statuses: [
      'received-sample-validation',
      'processing-file',
      'validating-file',
      'success',
      'warning',
      'received-schema-update',
      'received-removing-schema',
      'creating-schema',
      'schema-created',
      'saving-schema',
      'removing-schema',
    ],
  },
  completed: {
    variable: 'TASK_TTL_COMPLETED_SECONDS',
    retentionVariable: 'TASK_RETENTION_COMPLETED_SECONDS',
    seconds: 86_400,
    statuses: ['completed'],
  },
  published: {
    variable: 'TASK_TTL_PUBLISHED_SECONDS',
    retentionVariable: 'TASK_RETENTION_PUBLISHED_SECONDS',
    seconds: 43_200,
    statuses: ['published'],
  },
  failed: {
    variable: 'TASK_TTL_FAILED_SECONDS',
    retentionVariable: 'TASK_RETENTION_FAILED_SECONDS',
    seconds: 43_200,
    statuses: [
      'error',
      'failed-publishing-result',
      'failed-creating-schema',
      'failed-saving-schema',
      'failed-removing-schema',
    ],
  },
} as const satisfies Record<string, TaskTtlRow>;

export type TaskTtlName = keyof typeof taskTtlRows;

export type TtlSeconds = Readonly<Record<TaskTtlName, number>> & {
  /** Of any other status. */
  readonly fallback: number;
};

/** Seconds for a status. */
export type TtlPolicy = (status: string) => number;

export function createTtlPolicy(seconds: TtlSeconds): TtlPolicy {
  const byStatus = new Map<string, number>();
  for (const [name, row] of Object.entries(taskTtlRows) as [TaskTtlName, TaskTtlRow][]) {
    for (const status of row.statuses) byStatus.set(status, seconds[name]);
  }
  return (status) => byStatus.get(status) ?? seconds.fallback;
}
