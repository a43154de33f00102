/** Tells failures of the catalogue apart, for code that answers one of them itself. */
import { isStatusError, type StatusError } from '@connections/grpc/status';
import type { Reason } from './catalogue.ts';

export function hasReason(error: unknown, reason: Reason): error is StatusError {
  return isStatusError(error) && error.reason === reason;
}
