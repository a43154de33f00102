/** How long to wait before connecting again: at random up to a bound that doubles, so that clients spread out. */
import { setTimeout as sleep } from 'node:timers/promises';

const firstBoundMs = 100;
const longestBoundMs = 5_000;

/** `failures` in a row before this one. Resolves early when the signal aborts. */
export async function reconnectDelay(failures: number, signal: AbortSignal): Promise<void> {
  const boundMs = Math.min(firstBoundMs * 2 ** failures, longestBoundMs);
  await sleep(Math.random() * boundMs, undefined, { signal }).catch(() => {});
}
