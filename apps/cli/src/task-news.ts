/** What happened to a task between two looks at it. Pure. */
import type { Task, Transition } from '@connections/proto-utils/v1/tasks';

/** The transitions were read after the task, so some may be newer than it. */
export type Look = { readonly task: Task; readonly transitions: readonly Transition[] } | 'none';

/**
 * `state`: what stood there at the first look. `transition`: a change of status. `update`: a change of anything else, of
 * several between two looks the last. `missed`: there were more transitions than the service keeps.
 */
export type TaskNews =
  | ({ readonly event: 'state' | 'update' } & TaskState)
  | ({ readonly event: 'transition' } & TaskState & Pick<Transition, 'principal'>)
  | { readonly event: 'waiting' | 'removed' | 'missed' };

export type TaskState = Pick<Transition, 'revision' | 'time' | 'status' | 'code' | 'message'>;

/** In the order in which it happened. `before` is undefined at the first look. */
export function news(before: Look | undefined, now: Look): TaskNews[] {
  if (now === 'none') {
    if (before === undefined) return [{ event: 'waiting' }];
    return before === 'none' ? [] : [{ event: 'removed' }];
  }
  if (before === undefined) {
    const { task } = now;
    return [{ event: 'state', ...stateOf(task) }, ...changes(now.task, now.transitions, task.revision)];
  }
  if (before === 'none') return changes(now.task, now.transitions, 0n);
  if (before.task.createTime?.getTime() !== now.task.createTime?.getTime()) {
    return [{ event: 'removed' }, ...changes(now.task, now.transitions, 0n)];
  }
  return changes(now.task, now.transitions, newest(before.task, before.transitions));
}

/** What came after a revision. */
function changes(task: Task, transitions: readonly Transition[], after: bigint): TaskNews[] {
  const found: (TaskState & TaskNews)[] = transitions
    .filter(({ revision }) => revision > after)
    .map((transition) => ({ event: 'transition', ...transition }));
  if (task.revision > after && !found.some(({ revision }) => revision === task.revision)) {
    found.push({ event: 'update', ...stateOf(task) });
  }
  found.sort((a, b) => (a.revision < b.revision ? -1 : 1));
  // What is kept is whole when it reaches back to what came next, as it does when it begins with the task itself.
  const oldest = transitions[0]?.revision ?? 0n;
  return oldest > after + 1n ? [{ event: 'missed' }, ...found] : found;
}

function stateOf({ revision, updateTime: time, status, code, message }: Task): TaskState {
  return { revision, time, status, code, message };
}

function newest(task: Task, transitions: readonly Transition[]): bigint {
  return [task, ...transitions].reduce((most, { revision }) => (revision > most ? revision : most), 0n);
}
