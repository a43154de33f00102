/** Writes the one line of each call: every one at debug, failed and slow ones at info or above. */
import { type Call, type Interceptor, isStatusError, type StatusError } from '@connections/grpc';
import type { Log, LogFields } from '../log.ts';
import { callId } from './call-id.ts';
import { inBandFailure } from './in-band-failure.ts';

export interface LogInterceptorOptions {
  readonly log: Log;
  /** A unary call that took longer is slow. */
  readonly slowMs: number;
  /** Paths of the rpcs that stream, which last as long as the client wants. */
  readonly streams: ReadonlySet<string>;
}

// What an operator should look at; everything else that fails is the business of the caller.
const levels = new Map<string, 'error' | 'warn'>([
  ['INTERNAL', 'error'],
  ['UNKNOWN', 'error'],
  ['DATA_LOSS', 'error'],
  ['UNAVAILABLE', 'warn'],
  ['DEADLINE_EXCEEDED', 'warn'],
]);

export function logInterceptor({ log, slowMs, streams }: LogInterceptorOptions): Interceptor {
  return async (call, proceed) => {
    const start = performance.now();
    const stream = streams.has(call.method);
    try {
      await proceed();
    } catch (error) {
      writeFailure(log, fieldsOf(call, start), error, stream);
      throw error;
    }
    const failure = inBandFailure(call);
    if (failure) {
      writeFailure(log, { ...fieldsOf(call, start), inBand: true }, failure, stream);
      return;
    }
    const slow = !stream && performance.now() - start > slowMs;
    if (!slow && !log.debugs) return;
    const fields = { ...fieldsOf(call, start), status: 'OK' };
    if (slow) log.info(fields, 'slow call');
    else log.debug(fields, 'call');
  };
}

function fieldsOf(call: Call, start: number): LogFields & { readonly ms: number } {
  return {
    method: call.method,
    ms: Math.round(performance.now() - start),
    peer: call.peer.address,
    principal: call.principal.name,
    call: callId(call),
  };
}

function writeFailure(log: Log, timing: LogFields, error: unknown, stream: boolean): void {
  if (!isStatusError(error)) {
    log.error({ ...timing, status: 'UNKNOWN', err: error }, 'call failed');
    return;
  }
  const fields = { ...timing, ...outcome(error) };
  // Every open stream ends so at a stop.
  const level = error.reason === 'SHUTTING_DOWN' ? undefined : levels.get(error.status);
  if (level !== undefined) {
    log[level](error.cause === undefined ? fields : { ...fields, err: error.cause }, 'call failed');
  } else if (stream && error.status === 'CANCELLED') {
    // The usual end of a stream.
    log.debug(fields, 'call');
  } else {
    log.info(fields, 'call failed');
  }
}

/** Not the message: it may quote the request. */
function outcome({ status, reason }: StatusError): LogFields {
  return reason === undefined ? { status } : { status, reason };
}
