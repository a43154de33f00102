/** Bounds how long work behind a port is waited for. */
import type { Clock } from '@connections/runtime';

/** What there is instead of a result when the time is over. */
export const overdue = Symbol('overdue');

/**
 * Resolves or rejects with the work, resolves with `overdue` after `timeoutMs`, or rejects with the signal's reason when
 * that aborts. In the last two cases the work's own signal aborts; work that does not heed it is left behind.
 */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | typeof overdue> {
  signal.throwIfAborted();
  const giveUp = new AbortController();
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
    return await Promise.race([work(giveUp.signal), cancelled, passed]);
  } finally {
    signal.removeEventListener('abort', cancel);
    timer[Symbol.dispose]();
    giveUp.abort(signal.reason);
  }
}
