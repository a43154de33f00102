/** Metadata to and from the header fields that it travels in. */
import type { HeaderField, HeaderFields } from '../http2/header-fields.ts';
import { Metadata, type MetadataValue } from '../metadata.ts';
import { isProtocolKey, isReservedKey } from './protocol-keys.ts';

/** Kept out of compression tables, where it could be guessed from the sizes of other requests. */
const sensitiveKeys = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** Reserved keys are left out. Several texts of a key are one field with commas, several bytes one field each. */
export function metadataFields(metadata: Metadata): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const [name, values] of metadata) {
    if (isReservedKey(name)) continue;
    const texts = values.filter((value) => typeof value === 'string');
    if (texts.length > 0) fields.push(field(name, texts.join(', ')));
    for (const value of values) if (typeof value !== 'string') fields.push(field(name, toBase64(value)));
  }
  return fields;
}

/** Fields that cannot be metadata are left out: pseudo-header fields, those of the protocol, names and values beyond ASCII. */
export function metadataOf(fields: HeaderFields): Metadata {
  const entries = new Map<string, MetadataValue[]>();
  for (const { name, value } of fields) {
    if (isProtocolKey(name) || !Metadata.takes(name)) continue;
    const before = entries.get(name);
    if (name.endsWith('-bin')) entries.set(name, [...(before ?? []), ...value.split(',').map(fromBase64)]);
    else if (/^[ -~]*$/.test(value)) entries.set(name, [before ? `${before[0]}, ${value}` : value]);
  }
  return Metadata.received(entries);
}

function field(name: string, value: string): HeaderField {
  return sensitiveKeys.has(name) ? { name, value, sensitive: true } : { name, value };
}

/** Without padding, as the gRPC specification prefers it. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64').replace(/=+$/, '');
}

/** With or without padding. */
export function fromBase64(text: string): Uint8Array {
  const buffer = Buffer.from(text, 'base64');
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
