/** What HTTP says of a call that gRPC says nothing of, as a status. */
import type { ErrorCodeName } from '../http2/error-code.ts';
import type { FailureStatus } from '../status.ts';
import { StatusError } from '../status-error.ts';

const ofHttpStatus = new Map<string, FailureStatus>([
  ['400', 'INTERNAL'],
  ['401', 'UNAUTHENTICATED'],
  ['403', 'PERMISSION_DENIED'],
  ['404', 'UNIMPLEMENTED'],
  ['429', 'UNAVAILABLE'],
  ['502', 'UNAVAILABLE'],
  ['503', 'UNAVAILABLE'],
  ['504', 'UNAVAILABLE'],
]);

const ofReset = new Map<ErrorCodeName, FailureStatus>([
  ['REFUSED_STREAM', 'UNAVAILABLE'],
  ['CANCEL', 'CANCELLED'],
  ['ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED'],
  ['INADEQUATE_SECURITY', 'PERMISSION_DENIED'],
]);

/** A response without `grpc-status`, such as a proxy sends. `httpStatus` is the text of `:status`. */
export function failureOfHttpStatus(httpStatus: string): StatusError {
  const status = ofHttpStatus.get(httpStatus) ?? 'UNKNOWN';
  return new StatusError(
    status,
    `the server answered with HTTP status ${httpStatus} and without a gRPC status`,
  );
}

/** A stream that was reset by the peer. */
export function failureOfReset(code: ErrorCodeName): StatusError {
  return new StatusError(ofReset.get(code) ?? 'INTERNAL', `the stream was reset with ${code}`);
}
