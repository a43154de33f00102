/**
 * Commits of one task that this process has under way. The ledger makes them one after the other: more of them at once
 * would only be late together, and a commit that is late says that the ledger is away.
 */

import { setMaxListeners } from 'node:events';
import type { Ending } from '@connections/runtime';
import { taskKey } from '../domain/task-key.ts';
import type { TaskRef } from '../port/tasks.ts';

interface Lanes {
  busy: number;
  /** Each is called when a lane is its own. */
  readonly waiting: (() => void)[];
}

export class CommitLanes {
  readonly #width: number;
  /** Of tasks with a commit under way. */
  readonly #tasks = new Map<string, Lanes>();

  constructor(width: number) {
    this.#width = width;
  }

  /** In the order of the calls. Rejects with the signal's reason when that aborts before the work has begun. */
  async take<T>(ref: TaskRef, signal: Ending, work: () => Promise<T>): Promise<T> {
    const key = taskKey(ref);
    const lanes = this.#tasks.get(key) ?? { busy: 0, waiting: [] };
    this.#tasks.set(key, lanes);
    if (lanes.busy < this.#width) lanes.busy++;
    else await turn(lanes, signal);
    try {
      return await work();
    } finally {
      const next = lanes.waiting.shift();
      if (next) next();
      else if (--lanes.busy === 0) this.#tasks.delete(key);
    }
  }
}

function turn({ waiting }: Lanes, signal: Ending): Promise<void> {
  return new Promise((resolve, reject) => {
    const begin = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(begin), 1);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    // A caller may share one signal among many calls.
    if (signal instanceof AbortSignal) setMaxListeners(0, signal);
    waiting.push(begin);
    signal.addEventListener('abort', leave);
  });
}
