/** Failures that the wire contract answers in the reply, with status OK: the log must see them all the same. */
import type { Call, StatusError } from '@connections/grpc';

const failures = new WeakMap<Call, StatusError>();

/** The call answers this failure in its reply. */
export function noteInBandFailure(call: Call, error: StatusError): void {
  failures.set(call, error);
}

export function inBandFailure(call: Call): StatusError | undefined {
  return failures.get(call);
}
