/** When a message that its reader cannot acknowledge is done with. */
import type { Clock } from '@connections/runtime';
import type { TaskTransitions } from '../port/task-transitions.ts';
import { overdue, within } from './deadline.ts';

/** Resolves with whether the reader has dealt with the message; rejects with the signal's reason. */
export type Settlement = (signal: AbortSignal) => Promise<boolean>;

/** Starts to look, before the reader has the message; the settlement is asked for when it was taken. */
export type WatchMessage = (task: {
  readonly category: string;
  readonly id: string;
}) => Settlement & Disposable;

/** Done with as soon as the transport has taken it. */
export const settledWhenTaken: WatchMessage = () =>
  Object.assign(async () => true, { [Symbol.dispose]: () => {} });

export interface TaskSettlementOptions {
  readonly transitions: TaskTransitions;
  readonly clock: Clock;
  readonly leaseMs: number;
}

/** Done with when the task that it is about has moved; not, when the lease ends first. */
export function settledByTask({ transitions, clock, leaseMs }: TaskSettlementOptions): WatchMessage {
  return (task) => {
    const watching = new AbortController();
    // Now, for a quick reader may move the task in the moment it has the message.
    const moved = transitions.leftFirstStatus(task, watching.signal);
    moved.catch(() => {});
    const settlement: Settlement = async (signal) =>
      (await within(clock, leaseMs, signal, () => moved)) !== overdue;
    return Object.assign(settlement, { [Symbol.dispose]: () => watching.abort() });
  };
}
