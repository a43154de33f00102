/** A failed call as its status goes over the wire, whatever sends it: cut to what clients take. */
import type { ErrorDetail } from '../error-details.ts';
import { decodeErrorDetails, encodeStatus } from '../error-details-codec.ts';
import { statusName, statusNumbers } from '../status.ts';
import { isStatusError, StatusError } from '../status-error.ts';
import { internal } from '../transport-failures.ts';

export interface WireStatus {
  readonly code: number;
  /** Well-formed text. */
  readonly message: string;
  /** Bytes of `grpc-status-details-bin`; undefined when there are none. */
  readonly details: Uint8Array | undefined;
}

/** Clients refuse header blocks of more than 8 KiB: base64 makes 4 KiB of these, percent-encoding at most 3 KiB of those. */
const maxDetailsBytes = 3_072;
const maxMessageBytes = 1_024;

/** Of any error: one that is no StatusError is INTERNAL and keeps its own message to this process. */
export function toWireStatus(error: unknown): WireStatus {
  const failure = isStatusError(error) ? error : internal(error);
  const code = statusNumbers[failure.status];
  // By way of UTF-8, in which there is no half of a surrogate pair.
  const message = Buffer.from(failure.message).subarray(0, maxMessageBytes).toString();
  return { code, message, details: fittingDetails(code, message, failure.details) };
}

/** OK reaches this only when the call failed in spite of it, for what the server sent before: INTERNAL. */
export function fromWireStatus({ code, message, details }: WireStatus): StatusError {
  const name = statusName(code);
  return new StatusError(name === 'OK' ? 'INTERNAL' : name, message, {
    details: details ? decodeErrorDetails(details) : [],
  });
}

/** Leaves out the last details until the rest fits. */
function fittingDetails(
  code: number,
  message: string,
  details: readonly ErrorDetail[],
): Uint8Array | undefined {
  try {
    for (let count = details.length; count > 0; count--) {
      const bytes = encodeStatus(code, message, details.slice(0, count));
      if (bytes.length <= maxDetailsBytes) return bytes;
    }
  } catch {
    // Of a caller without types: the status has to leave, whatever its details are.
  }
  return undefined;
}
