/** How a failure looks on a span: its reason and whether the server is to blame, never its text. */
import { type FailureStatus, isStatusError } from '@connections/grpc';
import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** What the semantic conventions of gRPC count as a failure of the server; the rest is the caller's. */
const serverFailures = new Set<FailureStatus>([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Not the message: it may quote the request. Returns the status that the failure stands for. */
export function setFailure(span: Span, error: unknown): FailureStatus {
  const status = isStatusError(error) ? error.status : 'UNKNOWN';
  span.setAttribute('error.type', isStatusError(error) ? (error.reason ?? status) : status);
  if (serverFailures.has(status)) span.setStatus({ code: SpanStatusCode.ERROR });
  return status;
}
