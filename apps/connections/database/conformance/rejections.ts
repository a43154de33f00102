/** How a call of a port is held to fail. */
import assert from 'node:assert/strict';
import { type FailureStatus, isStatusError, StatusError } from '@connections/grpc/status';

export async function rejectsWith(status: FailureStatus, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isStatusError(error), `it fails by ${String(error)}`);
    assert.equal(error.status, status);
    return true;
  });
}

/** Aborted before the call, for a reason such as a call's signal has; the call rejects with CANCELLED. */
export const cancelled = AbortSignal.abort(new StatusError('CANCELLED', 'the caller has gone'));
