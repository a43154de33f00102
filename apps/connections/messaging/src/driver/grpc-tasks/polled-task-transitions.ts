/** Learns that tasks have moved by reading them again and again, one reader for each task however many wait for it. */
import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '@connections/runtime';
import type { TaskTransitions, WatchedTask } from '../../port/task-transitions.ts';

export interface TaskName {
  readonly category: string;
  readonly id: string;
}

/** The status of a task of the default namespace; undefined when there is no such task. */
export type ReadTaskStatus = (task: TaskName, signal: AbortSignal) => Promise<string | undefined>;

const firstDelayMs = 100;
const longestDelayMs = 1_000;

interface Waiter {
  first: string | undefined;
  readonly seen: () => void;
  readonly moved: () => void;
}

interface Poll {
  readonly task: TaskName;
  readonly waiters: Set<Waiter>;
  readonly stop: AbortController;
  delayMs: number;
}

export class PolledTaskTransitions implements TaskTransitions {
  readonly #readStatus: ReadTaskStatus;
  readonly #clock: Clock;
  readonly #polls = new Map<string, Poll>();
  /** Of no stream: what is read is for all that wait, and outlives the one that came first. */
  readonly #context = new AsyncResource('PolledTaskTransitions');

  constructor(readStatus: ReadTaskStatus, clock: Clock) {
    this.#readStatus = readStatus;
    this.#clock = clock;
  }

  async watch(task: TaskName, signal: AbortSignal): Promise<WatchedTask> {
    signal.throwIfAborted();
    const key = JSON.stringify([task.category, task.id]);
    const poll = this.#polls.get(key) ?? this.#start(key, task);
    let seen = () => {};
    const read = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const left = new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { first: undefined, seen, moved: () => leave(resolve) };
      const aborted = () => leave(() => reject(signal.reason));
      const leave = (settle: () => void) => {
        signal.removeEventListener('abort', aborted);
        poll.waiters.delete(waiter);
        if (poll.waiters.size === 0) this.#end(key, poll);
        settle();
      };
      signal.addEventListener('abort', aborted);
      poll.waiters.add(waiter);
    });
    await Promise.race([read, left]);
    return { left };
  }

  #start(key: string, task: TaskName): Poll {
    const poll = { task, waiters: new Set<Waiter>(), stop: new AbortController(), delayMs: firstDelayMs };
    this.#polls.set(key, poll);
    void this.#context.runInAsyncScope(() => this.#run(poll));
    return poll;
  }

  #end(key: string, poll: Poll): void {
    this.#polls.delete(key);
    poll.stop.abort();
  }

  async #run(poll: Poll): Promise<void> {
    const { signal } = poll.stop;
    while (!signal.aborted) {
      // A store that cannot answer is asked again.
      const answer = await this.#readStatus(poll.task, signal).then(
        (status) => ({ status }),
        () => undefined,
      );
      if (answer) tell(poll, answer.status);
      await this.#pause(poll.delayMs, signal);
      poll.delayMs = Math.min(poll.delayMs * 2, longestDelayMs);
    }
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        timer[Symbol.dispose]();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = this.#clock.after(delayMs, wake);
      signal.addEventListener('abort', wake);
    });
  }
}

/** A task that was there and is no more has left its status too. */
function tell(poll: Poll, status: string | undefined): void {
  for (const waiter of [...poll.waiters]) {
    waiter.first ??= status;
    waiter.seen();
    if (waiter.first !== status) waiter.moved();
  }
}
