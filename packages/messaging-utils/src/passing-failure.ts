/** Which failures of the Messaging service end by themselves. */
import { type FailureStatus, isStatusError } from '@connections/grpc';

const lasting = new Set<FailureStatus>([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'FAILED_PRECONDITION',
  'UNIMPLEMENTED',
]);

/** Connecting again may mend it. */
export function isPassing(failure: unknown): boolean {
  return isStatusError(failure) && !lasting.has(failure.status);
}
