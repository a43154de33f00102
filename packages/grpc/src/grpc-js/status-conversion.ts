/** Failures to and from the statuses of grpc-js. */
import { Metadata as GrpcJsMetadata, type StatusObject } from '@grpc/grpc-js';
import type { ErrorDetail } from '../error-details.ts';
import { decodeErrorDetails, encodeStatus } from '../error-details-codec.ts';
import type { Metadata } from '../metadata.ts';
import { statusName, statusNumbers } from '../status.ts';
import { isStatusError, StatusError } from '../status-error.ts';
import { internal } from '../transport-failures.ts';
import { toGrpcJsMetadata } from './metadata-conversion.ts';

const detailsKey = 'grpc-status-details-bin';
/** Clients refuse header blocks of more than 8 KiB: base64 makes 4 KiB of these, percent-encoding at most 3 KiB of those. */
const maxDetailsBytes = 3_072;
const maxMessageBytes = 1_024;

/** Of any error: one that is no StatusError is INTERNAL and keeps its own message to this process. */
export function toStatus(error: unknown, trailers: Metadata | undefined): StatusObject {
  const failure = isStatusError(error) ? error : internal(error);
  const code = statusNumbers[failure.status];
  // By way of UTF-8, because half a surrogate pair cannot be percent-encoded: grpc-js would throw.
  const message = Buffer.from(failure.message).subarray(0, maxMessageBytes).toString();
  const metadata = trailers?.size ? toGrpcJsMetadata(trailers) : new GrpcJsMetadata();
  const details = fittingDetails(code, message, failure.details);
  if (details) metadata.set(detailsKey, Buffer.from(details));
  return { code, details: message, metadata };
}

export function fromStatus(status: StatusObject): StatusError {
  const name = statusName(status.code);
  const [bytes] = status.metadata.get(detailsKey);
  const details = typeof bytes === 'object' ? decodeErrorDetails(bytes) : [];
  // OK reaches this only when the call failed in spite of it, for what the server sent before.
  return new StatusError(name === 'OK' ? 'INTERNAL' : name, status.details, { details });
}

/** Leaves out the last details until the rest fits. */
function fittingDetails(
  code: number,
  message: string,
  details: readonly ErrorDetail[],
): Uint8Array | undefined {
  for (let count = details.length; count > 0; count--) {
    const bytes = encodeStatus(code, message, details.slice(0, count));
    if (bytes.length <= maxDetailsBytes) return bytes;
  }
  return undefined;
}
