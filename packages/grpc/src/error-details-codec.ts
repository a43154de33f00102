/** Error details as bytes: the google.rpc.Status message that travels in the `grpc-status-details-bin` trailer. */
import type { BadRequest, ErrorDetail, ErrorInfo, RetryInfo } from './error-details.ts';
import { asBytes, asNumber, asText, readFields, WireWriter } from './protobuf-wire.ts';

const typePrefix = 'type.googleapis.com/google.rpc.';
/** Of a negative int64, which a varint shows as an unsigned 64-bit number. */
const firstNegative = 2 ** 63;

export function encodeStatus(code: number, message: string, details: readonly ErrorDetail[]): Uint8Array {
  const status = new WireWriter().varint(1, code).text(2, message);
  for (const detail of details) {
    status.bytes(
      3,
      new WireWriter()
        .text(1, typePrefix + detail.kind)
        .bytes(2, encodeDetail(detail))
        .finish(),
    );
  }
  return status.finish();
}

/** The details we understand, in their order. Bytes that are no google.rpc.Status have none. */
export function decodeErrorDetails(status: Uint8Array): readonly ErrorDetail[] {
  try {
    const details: ErrorDetail[] = [];
    for (const field of readFields(status)) {
      const detail = field.number === 3 ? decodeAny(asBytes(field.value)) : undefined;
      if (detail) details.push(detail);
    }
    return details;
  } catch {
    return [];
  }
}

function encodeDetail(detail: ErrorDetail): Uint8Array {
  const writer = new WireWriter();
  switch (detail.kind) {
    case 'ErrorInfo':
      writer.text(1, detail.reason).text(2, detail.domain);
      for (const [key, value] of Object.entries(detail.metadata)) {
        writer.bytes(3, new WireWriter().text(1, key).text(2, value).finish());
      }
      return writer.finish();
    case 'BadRequest':
      for (const { field, description } of detail.violations) {
        writer.bytes(1, new WireWriter().text(1, field).text(2, description).finish());
      }
      return writer.finish();
    case 'RetryInfo': {
      const delayMs = Math.min(Math.max(detail.delayMs || 0, 0), Number.MAX_SAFE_INTEGER);
      const seconds = Math.floor(delayMs / 1_000);
      const nanos = Math.floor((delayMs % 1_000) * 1_000_000);
      return writer.bytes(1, new WireWriter().varint(1, seconds).varint(2, nanos).finish()).finish();
    }
  }
}

function decodeAny(any: Uint8Array): ErrorDetail | undefined {
  let type = '';
  let value: Uint8Array = new Uint8Array();
  for (const field of readFields(any)) {
    if (field.number === 1) type = asText(field.value);
    if (field.number === 2) value = asBytes(field.value);
  }
  // Any's URL may have another host: only what follows the last slash names the type.
  switch (type.slice(type.lastIndexOf('/') + 1)) {
    case 'google.rpc.ErrorInfo':
      return decodeErrorInfo(value);
    case 'google.rpc.BadRequest':
      return decodeBadRequest(value);
    case 'google.rpc.RetryInfo':
      return decodeRetryInfo(value);
    default:
      return undefined;
  }
}

function decodeErrorInfo(bytes: Uint8Array): ErrorInfo {
  let reason = '';
  let domain = '';
  const metadata = new Map<string, string>();
  for (const field of readFields(bytes)) {
    if (field.number === 1) reason = asText(field.value);
    if (field.number === 2) domain = asText(field.value);
    if (field.number === 3) metadata.set(...decodeTextPair(asBytes(field.value)));
  }
  return { kind: 'ErrorInfo', reason, domain, metadata: Object.fromEntries(metadata) };
}

function decodeBadRequest(bytes: Uint8Array): BadRequest {
  const violations: { field: string; description: string }[] = [];
  for (const violation of readFields(bytes)) {
    if (violation.number !== 1) continue;
    const [field, description] = decodeTextPair(asBytes(violation.value));
    violations.push({ field, description });
  }
  return { kind: 'BadRequest', violations };
}

function decodeRetryInfo(bytes: Uint8Array): RetryInfo {
  let seconds = 0;
  let nanos = 0;
  for (const field of readFields(bytes)) {
    if (field.number !== 1) continue;
    for (const part of readFields(asBytes(field.value))) {
      if (part.number === 1) seconds = asNumber(part.value);
      if (part.number === 2) nanos = asNumber(part.value);
    }
  }
  const negative = seconds >= firstNegative || nanos >= firstNegative;
  return { kind: 'RetryInfo', delayMs: negative ? 0 : seconds * 1_000 + nanos / 1_000_000 };
}

/** Map entries and field violations are the same two fields. */
function decodeTextPair(bytes: Uint8Array): [string, string] {
  let first = '';
  let second = '';
  for (const field of readFields(bytes)) {
    if (field.number === 1) first = asText(field.value);
    if (field.number === 2) second = asText(field.value);
  }
  return [first, second];
}
