/** What a transport itself answers calls with, whichever transport it is. */
import type { ErrorInfo } from './error-details.ts';
import { StatusError } from './status-error.ts';

export function malformedRequest(method: string, cause: unknown): StatusError {
  return new StatusError('INVALID_ARGUMENT', `the request is not a valid message of ${method}`, {
    details: [info('MALFORMED_MESSAGE', { method })],
    cause,
  });
}

export function requestCardinality(received: 'no' | 'more than one'): StatusError {
  return new StatusError('UNIMPLEMENTED', `the method takes one request and received ${received}`);
}

export function responseTooLarge(bytes: number, maxBytes: number): StatusError {
  return new StatusError('RESOURCE_EXHAUSTED', `the response has ${bytes} bytes, ${maxBytes} are allowed`);
}

/** `bytes` as text when it was not counted to its end. */
export function messageTooLarge(bytes: number | string, maxBytes: number): StatusError {
  return new StatusError('RESOURCE_EXHAUSTED', `the message has ${bytes} bytes, ${maxBytes} are allowed`);
}

export function metadataTooLarge(bytes: number, maxBytes: number): StatusError {
  return new StatusError('RESOURCE_EXHAUSTED', `the metadata has ${bytes} bytes, ${maxBytes} are allowed`);
}

export function slowConsumer(seconds: number): StatusError {
  const message = `the stream did not move for ${seconds} s while others waited for memory`;
  return new StatusError('RESOURCE_EXHAUSTED', message, {
    details: [info('SLOW_CONSUMER', { seconds: `${seconds}` }), { kind: 'RetryInfo', delayMs: 1_000 }],
  });
}

export function cancelled(): StatusError {
  return new StatusError('CANCELLED', 'the client cancelled the call or its connection was lost');
}

export function deadlineExceeded(): StatusError {
  return new StatusError('DEADLINE_EXCEEDED', 'the deadline of the call has passed');
}

/** Of a call that was being carried out: what it does may have been done. Calls that come later are refused without `begun`. */
export function shuttingDown(): StatusError {
  return new StatusError('UNAVAILABLE', 'the service is stopping', {
    details: [info('SHUTTING_DOWN', { begun: 'true' }), { kind: 'RetryInfo', delayMs: 1_000 }],
  });
}

/** In place of an error that is no StatusError, whose message may hold anything. */
export function internal(cause: unknown): StatusError {
  return new StatusError('INTERNAL', 'the service failed; its log has the cause', {
    details: [info('INTERNAL', {})],
    cause,
  });
}

function info(reason: string, metadata: ErrorInfo['metadata']): ErrorInfo {
  return { kind: 'ErrorInfo', reason, domain: 'connections', metadata };
}
