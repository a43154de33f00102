/** Turns whatever a handler throws into an error of the catalogue: no vendor's text goes out. */
import { type Call, type Interceptor, isStatusError, type StatusError } from '@connections/grpc';
import { failure } from '../errors/failure.ts';
import { callId } from './call-id.ts';

export const errorInterceptor: Interceptor = async (call, proceed) => {
  try {
    await proceed();
  } catch (error) {
    throw outward(error, call);
  }
};

function outward(error: unknown, call: Call): StatusError {
  if (isStatusError(error)) return error;
  // Node and drivers throw their own AbortError; what became of the call stands in the reason of its signal.
  if (call.signal.aborted && isAbort(error) && isStatusError(call.signal.reason)) return call.signal.reason;
  call.trailers.set('x-call-id', callId(call));
  return failure('INTERNAL', {}, { cause: error });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
