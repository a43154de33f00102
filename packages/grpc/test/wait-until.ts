/** Waits for conditions and for failures. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { isStatusError, type StatusError } from '../src/index.ts';

/** Resolves when `check` returns true; rejects after `deadlineMs`. */
export async function waitUntil(what: string, check: () => boolean, deadlineMs = 5_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!check()) {
    if (performance.now() > end) assert.fail(`${what}: not within ${deadlineMs} ms`);
    await delay(5);
  }
}

/** Resolves when what was measured has not changed for `quietMs`. */
export async function waitUntilStill(measure: () => number, quietMs: number): Promise<number> {
  let last = measure();
  let since = performance.now();
  while (performance.now() - since < quietMs) {
    await delay(10);
    const current = measure();
    if (current !== last) since = performance.now();
    last = current;
  }
  return last;
}

/** The StatusError that the promise rejects with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<StatusError> {
  const error = await promise.then(
    (value) => assert.fail(`resolved with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(isStatusError(error), `not a StatusError: ${error}`);
  return error;
}
