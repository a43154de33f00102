/** How long the record of a task is kept once nobody changes it, by its status, as data. */
import type { RetentionRule } from '../port/retention-rule.ts';
import { type TaskTtlName, taskTtlRows } from './ttl-policy.ts';

/** 0: for ever. */
export type RetentionSeconds = Readonly<Record<TaskTtlName, number>> & {
  /** Of any other status. */
  readonly fallback: number;
};

/** Every status is in one rule at most. */
export function retentionRules({ fallback, ...seconds }: RetentionSeconds): RetentionRule[] {
  const rows = Object.entries(taskTtlRows) as [TaskTtlName, (typeof taskTtlRows)[TaskTtlName]][];
  const named = rows.map(([name, { statuses }]): RetentionRule => {
    return { keptMs: 1_000 * seconds[name], statuses, is: 'in' };
  });
  const statuses = named.flatMap((rule) => rule.statuses);
  const all: RetentionRule[] = [...named, { keptMs: 1_000 * fallback, statuses, is: 'not in' }];
  return all.filter(({ keptMs }) => keptMs > 0);
}
