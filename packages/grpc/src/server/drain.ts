/** How a server stops: what is open has its time, then it is ended, then its connections are closed. */
import { setTimeout as delay } from 'node:timers/promises';
import { shuttingDown } from '../transport-failures.ts';
import type { OpenCalls } from './open-calls.ts';

/** What is left of a forced stop for statuses to leave and handlers to come to their end. */
const unwindMs = 1_000;

/** False when something was left after the time to unwind; `closed` resolves when no connection is open. */
export async function drain(calls: OpenCalls, closed: Promise<unknown>, graceMs: number): Promise<boolean> {
  const drained = Promise.all([closed, calls.idle()]);
  if (await settlesWithin(drained, graceMs)) return true;
  calls.abortAll(shuttingDown());
  return settlesWithin(drained, unwindMs);
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timeout = new AbortController();
  const settled = promise.then(() => true);
  const late = delay(ms, false, { signal: timeout.signal }).catch(() => false);
  const result = await Promise.race([settled, late]);
  timeout.abort();
  return result;
}
