/** The contract of the task port. Text: docs/contract/tasks.md. */
import type { TasksClause } from './tasks-acts.ts';
import { tasksPatchClauses } from './tasks-patch-clauses.ts';
import { tasksPortClauses } from './tasks-port-clauses.ts';
import { tasksPutClauses } from './tasks-put-clauses.ts';
import { tasksReadClauses } from './tasks-read-clauses.ts';
import { tasksSafetyClauses } from './tasks-safety-clauses.ts';

/** What callers of v1 can see: a driver keeps it, and so does the way through the wire. */
export const tasksV1Clauses: readonly TasksClause[] = [
  ...tasksPutClauses,
  ...tasksPatchClauses,
  ...tasksReadClauses,
  ...tasksSafetyClauses,
];

/** What a driver keeps. */
export const tasksClauses: readonly TasksClause[] = [...tasksV1Clauses, ...tasksPortClauses];
