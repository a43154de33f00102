/** Timers that hold delays of any length. */

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
