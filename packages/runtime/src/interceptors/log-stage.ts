/** Writes the one line of each call: every one at debug, failed and slow ones at info or above. */
import { isStatusError, type StatusError } from '@connections/grpc';
import type { Log, LogFields } from '../log.ts';
import { callId } from './call-id.ts';
import type { CallStage, StagedCall } from './call-stages.ts';
import { inBandFailure } from './in-band-failure.ts';

export interface LogStageOptions {
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

export function logStage({ log, slowMs, streams }: LogStageOptions): CallStage {
  const ofOk = (staged: StagedCall): void => {
    const slow = staged.ms > slowMs && !streams.has(staged.call.method);
    if (!slow && !log.debugs) return;
    const fields = { ...fieldsOf(staged), status: 'OK' };
    if (slow) log.info(fields, 'slow call');
    else log.debug(fields, 'call');
  };
  return {
    end(staged, failure) {
      const inBand = failure === undefined ? inBandFailure(staged.call) : undefined;
      if (failure === undefined && !inBand) {
        ofOk(staged);
      } else {
        const fields = inBand ? { ...fieldsOf(staged), inBand: true } : fieldsOf(staged);
        writeFailure(log, fields, inBand ?? failure, streams.has(staged.call.method));
      }
      return failure;
    },
  };
}

function fieldsOf({ call, ms }: StagedCall): LogFields & { readonly ms: number } {
  return {
    method: call.method,
    ms: Math.round(ms),
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
