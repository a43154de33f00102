/** The status of a call to and from the header fields that end it. */
import type { HeaderField, HeaderFields } from '../http2/header-fields.ts';
import type { StatusError } from '../status-error.ts';
import { fromBase64, toBase64 } from './metadata-fields.ts';
import { decodeStatusMessage, encodeStatusMessage } from './status-message.ts';
import { fromWireStatus, toWireStatus, type WireStatus } from './wire-status.ts';

/** Of a call that succeeded. The same list every time, so that HPACK remembers what it becomes. */
export const okFields: HeaderFields = [{ name: 'grpc-status', value: '0' }];

/** Of any error; see `toWireStatus`. */
export function failureFields(error: unknown): HeaderField[] {
  const status = toWireStatus(error);
  return [{ name: 'grpc-status', value: `${status.code}` }, ...statusTexts(status)];
}

/** What stands beside the number of a status. */
export function statusTexts({ message, details }: WireStatus): HeaderField[] {
  const fields: HeaderField[] = [];
  if (message !== '') fields.push({ name: 'grpc-message', value: encodeStatusMessage(message) });
  if (details) fields.push({ name: 'grpc-status-details-bin', value: toBase64(details) });
  return fields;
}

/**
 * What trailers say of the call: `ok`, a failure, or undefined when they hold no status. A status that is no number is UNKNOWN,
 * as the gRPC specification asks for one that is not known.
 */
export function statusOf(fields: HeaderFields): 'ok' | StatusError | undefined {
  const status = fieldValue(fields, 'grpc-status');
  if (status === undefined) return undefined;
  if (status === '0') return 'ok';
  const code = /^\d{1,3}$/.test(status) ? Number(status) : -1;
  const message = decodeStatusMessage(fieldValue(fields, 'grpc-message') ?? '');
  const details = fieldValue(fields, 'grpc-status-details-bin');
  return fromWireStatus({ code, message, details: details === undefined ? undefined : fromBase64(details) });
}

/** Of the first field of that name. */
export function fieldValue(fields: HeaderFields, name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}
