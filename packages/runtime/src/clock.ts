/** Time as the services see it, so that tests can move it. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `task` once, `delayMs` from now (at least 0). Disposing of the timer cancels it. Keeps no process alive. */
  after(delayMs: number, task: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    // setTimeout holds delays in 32 bits and fires at once beyond them.
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1)).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
