/**
 * Rule 8, the decision: what a buffer becomes on the task as the ledger has it now. Pure. A buffer comes home only onto
 * exactly what it was built on; there is no merge, and no clock but the coarse age of a blind put.
 */
import { isStatusError } from '@connections/grpc/status';
import { hasSameState } from '../domain/same-state.ts';
import { transitionOf } from '../domain/task-transition.ts';
import type { ConflictReason } from '../port/task-conflicts.ts';
import type { Account, Settlement } from '../port/task-ledger.ts';
import type { BufferedOperation, RingEntry, TaskRecord, TaskStamp } from '../port/task-operation.ts';
import type { WholeEntry } from '../port/task-view.ts';
import type { Task, TaskRef, Transition } from '../port/tasks.ts';
import { foldedTask } from './folded-task.ts';

export type Homecoming =
  /** All of it is in the ledger already. */
  | { readonly outcome: 'DONE' }
  | { readonly outcome: 'SETTLE'; readonly settlement: Settlement }
  | {
      readonly outcome: 'CONFLICT';
      readonly reason: ConflictReason;
      readonly operations: readonly BufferedOperation[];
    };

export interface HomecomingBounds {
  readonly now: number;
  readonly blindMaxAgeMs: number;
}

export function homecoming(
  ref: TaskRef,
  entry: WholeEntry,
  { record, removal }: Account,
  bounds: HomecomingBounds,
): Homecoming {
  const { base, operations } = entry;
  const ring = record?.ring ?? (removal ? [{ revision: 0, ...removal }] : []);
  const begun = begunBy(operations, ring);
  // A removal of the buffer's own is what the rest of it was built on; whatever else took the task away is not.
  const { done, overtaken } = record
    ? sinceThen(entry, record, begun)
    : { ...begun, overtaken: (begun.done === 0 || begun.noted) && (base ?? removal) !== undefined };
  // One that is in the ring out of its turn had its effect there, and has no second one.
  const rest = operations.slice(done).filter(({ operation }) => !hasRequest(ring, operation.requestId));
  if (rest.length === 0) return { outcome: 'DONE' };
  const conflict = (reason: ConflictReason): Homecoming => ({
    outcome: 'CONFLICT',
    reason,
    operations: rest,
  });

  const on = record ? { stamp: stampOf(record.task) } : { removal: removal?.id };
  if (overtaken) {
    if (isEqual(entry, record?.task)) {
      return { outcome: 'SETTLE', settlement: { on, ...noted(record?.task, rest) } };
    }
    if (!base) return conflict('BLIND');
    return conflict(base.incarnation === record?.task.incarnation ? 'OVERTAKEN' : 'REMOVED');
  }
  if (!record && !removal && entry.task && isOld(operations, bounds)) return conflict('OLD');
  try {
    return { outcome: 'SETTLE', settlement: { on, ...settled(ref, record?.task, rest) } };
  } catch (error) {
    // Of folding: what the operations ask does not fit a task that others may have changed.
    if (!isStatusError(error)) throw error;
    return conflict('UNFIT');
  }
}

interface Begun {
  /** How many operations, from the first, are in the ledger. */
  readonly done: number;
  /** The revision that the last of them made. */
  readonly revision: number | undefined;
  /** It only found its equal: what was committed before it may be newer than what was buffered after it. */
  readonly noted: boolean;
}

/**
 * By the newest operation of the buffer that stands for all before it: one that came home from the buffer, or a put or
 * removal whose answer was lost, after which nothing is left of what came before.
 */
function begunBy(operations: readonly BufferedOperation[], ring: readonly RingEntry[]): Begun {
  for (let done = operations.length; done > 0; done--) {
    const { mark, operation } = operations[done - 1] as BufferedOperation;
    const isWhole = operation.kind !== 'patch';
    const found = ring.find(
      (entry) =>
        entry.mark === mark ||
        entry.mark === notedMark(mark) ||
        (isWhole && entry.requestId === operation.requestId),
    );
    if (found) return { done, revision: found.revision, noted: found.mark === notedMark(mark) };
  }
  return { done: 0, revision: undefined, noted: false };
}

/** Walks what was committed since: each must be the buffer's own next operation, or it was overtaken. */
function sinceThen(
  { base, operations }: WholeEntry,
  { task, ring }: TaskRecord,
  begun: Begun,
): { readonly done: number; readonly overtaken: boolean } {
  const known = base?.incarnation === task.incarnation ? base.revision : undefined;
  const from = Math.max(begun.revision ?? -1, known ?? -1);
  let { done } = begun;
  if (from < 0 || begun.noted) return { done, overtaken: true };
  for (let revision = from + 1; revision <= task.revision; revision++) {
    const by = ring.find((entry) => entry.revision === revision)?.requestId;
    if (by === undefined || by !== operations[done]?.operation.requestId) return { done, overtaken: true };
    done++;
  }
  return { done, overtaken: false };
}

/** The task is what a buffer that began without knowing it would make of it, or is gone, as the buffer leaves it. */
function isEqual({ base, task: shown }: WholeEntry, task: Task | undefined): boolean {
  if (!task || !shown) return !task && !shown;
  return !base && hasSameState(shown, task);
}

/** The task stays as it is, and knows the operations. */
function noted(task: Task | undefined, operations: readonly BufferedOperation[]): Omit<Settlement, 'on'> {
  return {
    task: task && { ...task, revision: task.revision + operations.length },
    transitions: [],
    operations: operations.map(({ mark, operation: { requestId } }) => ({
      requestId,
      mark: notedMark(mark),
    })),
  };
}

function notedMark(mark: string): string {
  return `noted:${mark}`;
}

function isOld([first]: readonly BufferedOperation[], { now, blindMaxAgeMs }: HomecomingBounds): boolean {
  return first !== undefined && now - first.at > blindMaxAgeMs;
}

function hasRequest(ring: readonly RingEntry[], requestId: string): boolean {
  return ring.some((entry) => entry.requestId === requestId);
}

function settled(
  ref: TaskRef,
  before: Task | undefined,
  operations: readonly BufferedOperation[],
): Omit<Settlement, 'on'> {
  const transitions: Transition[] = [];
  let task = before;
  let revision = before?.revision ?? 0;
  for (const { operation, at } of operations) {
    revision++;
    const life = { incarnation: before?.incarnation ?? '', revision, now: at };
    const after = foldedTask(ref, task, operation, life);
    const transition = after && transitionOf(task, after, operation.principal);
    if (transition) transitions.push(transition);
    task = after;
  }
  return {
    task,
    transitions,
    operations: operations.map(requestOf),
  };
}

function requestOf({ mark, operation }: BufferedOperation): Settlement['operations'][number] {
  return { requestId: operation.requestId, mark };
}

function stampOf({ incarnation, revision }: Task): TaskStamp {
  return { incarnation, revision };
}
