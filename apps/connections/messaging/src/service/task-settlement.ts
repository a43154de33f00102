/** When a message that its reader cannot acknowledge is done with. */
import type { Clock } from '@connections/runtime';
import type { TaskTransitions } from '../port/task-transitions.ts';
import { overdue, within } from './deadline.ts';

/** Resolves with whether the reader has dealt with the message; rejects with the signal's reason. */
export type Settlement = (signal: AbortSignal) => Promise<boolean>;

/**
 * Resolves when the reader may have the message; the settlement is asked for when it was taken. Rejects with the
 * signal's reason.
 */
export type WatchMessage = (
  task: { readonly category: string; readonly id: string },
  signal: AbortSignal,
) => Promise<Settlement & Disposable>;

/** Done with as soon as the transport has taken it. */
export const settledWhenTaken: WatchMessage = async () =>
  Object.assign(async () => true, { [Symbol.dispose]: () => {} });

export interface TaskSettlementOptions {
  readonly transitions: TaskTransitions;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** Done with when the task that it is about has moved; not, when the lease ends first. */
export function settledByTask({ transitions, clock, leaseMs }: TaskSettlementOptions): WatchMessage {
  return async (task, signal) => {
    const watching = new AbortController();
    const giveUp = () => watching.abort(signal.reason);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    // A quick reader may move the task in the moment it has the message: what it moves from is read before.
    const { left } = await transitions
      .watch(task, watching.signal)
      .finally(() => signal.removeEventListener('abort', giveUp));
    left.catch(() => {});
    const settlement: Settlement = async (patience) =>
      (await within(clock, leaseMs, patience, () => left)) !== overdue;
    return Object.assign(settlement, { [Symbol.dispose]: () => watching.abort() });
  };
}
