/** The `@connections/grpc/status` entry: statuses and errors for code that must know no transport. */
export type { BadRequest, ErrorDetail, ErrorInfo, RetryInfo } from './error-details.ts';
export { type FailureStatus, type StatusName, statusName, statusNumbers } from './status.ts';
export { isStatusError, StatusError, type StatusErrorOptions } from './status-error.ts';
