/** Turns whatever a handler throws into an error of the catalogue: no vendor's text goes out. */
import { type Call, isStatusError, type StatusError } from '@connections/grpc';
import { failure } from '../errors/failure.ts';
import { callId } from './call-id.ts';
import type { CallStage } from './call-stages.ts';

export const errorStage: CallStage = {
  end: ({ call }, failure) => (failure === undefined ? undefined : outward(failure, call)),
};

function outward(error: unknown, call: Call): StatusError {
  if (isStatusError(error)) return error;
  // Node and drivers throw their own AbortError; what became of the call stands in the reason of its ending.
  if (call.ending.aborted && isAbort(error) && isStatusError(call.ending.reason)) return call.ending.reason;
  call.trailers.set('x-call-id', callId(call));
  return failure('INTERNAL', {}, { cause: error });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
