/** What a channel itself ends calls with. */
import { StatusError } from '../status-error.ts';

export function channelClosed(): StatusError {
  return new StatusError('UNAVAILABLE', 'the channel is closed');
}

/** Of calls that wait for a connection; those that have one end with what the transport tells. */
const unsent = true;

/** @param address of the server that could not be reached */
export function unreachable(address: string, cause: Error): StatusError {
  return new StatusError('UNAVAILABLE', `no connection to ${address}: ${cause.message}`, { cause, unsent });
}

export function connectionLost(address: string, why: string, cause?: Error): StatusError {
  return new StatusError('UNAVAILABLE', `the connection to ${address} was lost: ${why}`, { cause, unsent });
}

export function nameNotResolved(host: string, cause: Error): StatusError {
  return new StatusError('UNAVAILABLE', `the host ${host} was not found: ${cause.message}`, {
    cause,
    unsent,
  });
}

export function notServing(address: string, service: string): StatusError {
  const what = service === '' ? 'it serves' : `it serves ${service}`;
  return new StatusError('UNAVAILABLE', `${address} does not say that ${what}`, { unsent });
}

export function cancelledByCaller(cause: unknown): StatusError {
  return new StatusError('CANCELLED', 'the caller cancelled the call', { cause });
}

export function requestTooLarge(bytes: number, maxBytes: number): StatusError {
  return new StatusError('RESOURCE_EXHAUSTED', `the request has ${bytes} bytes, ${maxBytes} are allowed`);
}

export function requestNotEncodable(cause: unknown): StatusError {
  return new StatusError('INTERNAL', 'the request cannot be encoded', { cause });
}

export function responseNotDecodable(cause: unknown): StatusError {
  return new StatusError('INTERNAL', 'the response cannot be decoded', { cause });
}

export function responseCardinality(received: number): StatusError {
  return new StatusError('UNIMPLEMENTED', `the server sent ${received} responses instead of one`);
}
