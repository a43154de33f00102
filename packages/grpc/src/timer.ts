/** Timers that hold delays of any length, and the clock that they run by. */

export interface Clock {
  /** Milliseconds since whenever. */
  now(): number;
  /** Runs `task` once after the delay. Disposing of it cancels. */
  after(delayMs: number, task: () => void): Disposable;
}

/** What setTimeout holds, 24.8 days; beyond it, it fires at once. */
const longestDelayMs = 2 ** 31 - 1;

/** Runs `task` once after the delay. Disposing of it cancels. Keeps no process alive. */
export function after(delayMs: number, task: () => void): Disposable {
  if (delayMs <= longestDelayMs) {
    const timer = setTimeout(task, delayMs).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
  let leg = after(longestDelayMs, () => {
    leg = after(delayMs - longestDelayMs, task);
  });
  return { [Symbol.dispose]: () => leg[Symbol.dispose]() };
}

/** Goes on evenly, whoever sets the time of the machine. */
export const monotonicClock: Clock = { now: () => performance.now(), after };
