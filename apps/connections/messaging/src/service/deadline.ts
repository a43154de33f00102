/** Bounds how long work behind a port is waited for. */
import { CallEnding, type Clock, type Ending } from '@connections/runtime';

/** What there is instead of a result when the time is over. */
export const overdue = Symbol('overdue');

/** What the work of a caller who has left, or was answered, ends with. */
const left = new Error('nobody waits for it any more');

/**
 * Resolves or rejects with the work, resolves with `overdue` after `timeoutMs`, or rejects with the signal's reason when
 * that aborts. In the last two cases the work's own signal aborts; work that does not heed it is left behind.
 */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  signal: Ending,
  work: (signal: Ending) => Promise<T>,
): Promise<T | typeof overdue> {
  signal.throwIfAborted();
  const giveUp = new CallEnding();
  let cancel = () => {};
  const cancelled = new Promise<never>((_, reject) => {
    cancel = () => reject(signal.reason);
  });
  let pass = () => {};
  const passed = new Promise<typeof overdue>((resolve) => {
    pass = () => resolve(overdue);
  });
  signal.addEventListener('abort', cancel);
  const timer = clock.after(timeoutMs, pass);
  try {
    return await Promise.race([work(giveUp), cancelled, passed]);
  } finally {
    signal.removeEventListener('abort', cancel);
    timer[Symbol.dispose]();
    giveUp.abort(signal.reason ?? left);
  }
}
