/** A store that did not answer: what one of the two can do without the other. */
import type { Ending } from '@connections/runtime';
import { failure, hasReason } from '@connections/runtime/errors';

export function isStoreLoss(error: unknown): boolean {
  return (
    hasReason(error, 'STORE_UNREACHABLE') ||
    hasReason(error, 'OUTCOME_UNKNOWN') ||
    hasReason(error, 'STORE_TIMEOUT')
  );
}

/** It answers, and has no room: what it has can still be read, and taken away. */
export function isStoreFull(error: unknown): boolean {
  return hasReason(error, 'STORE_FULL');
}

export function unreachable(): Error {
  return failure('STORE_UNREACHABLE', { store: 'task' });
}

/** What the view answers; undefined where it does not, or has no room. Rejects when the caller's time is over. */
export async function unlessLost<T>(work: Promise<T>, signal: Ending): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    if (!isStoreLoss(error) && !isStoreFull(error)) throw error;
    return undefined;
  }
}
