/** Our Metadata to and from that of grpc-js. */
import { Metadata as GrpcJsMetadata } from '@grpc/grpc-js';
import { Metadata } from '../metadata.ts';

/** Keys of the protocols below: no caller's to set, and of no use to one. HTTP/2 throws when given some of them. */
const protocolKeys = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-status-details-bin',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Shared: grpc-js copies what it is given. */
const none = new GrpcJsMetadata();

export function toGrpcJsMetadata(metadata: Metadata | undefined): GrpcJsMetadata {
  if (!metadata || metadata.size === 0) return none;
  const converted = new GrpcJsMetadata();
  for (const [key, values] of metadata) {
    // The status of a call stands in the same header block under such keys.
    if (protocolKeys.has(key) || key.startsWith('grpc-')) continue;
    const texts = values.filter((value) => typeof value === 'string');
    // Several values are one header with commas to gRPC; HTTP/2 throws when some well-known headers come twice.
    if (texts.length > 0) converted.set(key, texts.join(', '));
    for (const value of values) if (typeof value !== 'string') converted.add(key, Buffer.from(value));
  }
  return converted;
}

export function fromGrpcJsMetadata(metadata: GrpcJsMetadata): Metadata {
  const converted = new Metadata();
  for (const [key, values] of Object.entries(metadata.toJSON())) {
    if (protocolKeys.has(key)) continue;
    for (const value of values) converted.add(key, typeof value === 'string' ? value : new Uint8Array(value));
  }
  return converted;
}
