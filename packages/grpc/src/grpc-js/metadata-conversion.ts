/** Our Metadata to and from that of grpc-js. */
import { Metadata as GrpcJsMetadata } from '@grpc/grpc-js';
import { Metadata } from '../metadata.ts';
import { isProtocolKey, isReservedKey } from '../protocol/protocol-keys.ts';

/** Shared: grpc-js copies what it is given. */
const none = new GrpcJsMetadata();

export function toGrpcJsMetadata(metadata: Metadata | undefined): GrpcJsMetadata {
  if (!metadata || metadata.size === 0) return none;
  const converted = new GrpcJsMetadata();
  for (const [key, values] of metadata) {
    if (isReservedKey(key)) continue;
    const texts = values.filter((value) => typeof value === 'string');
    // Several values are one header with commas to gRPC; HTTP/2 throws when some well-known headers come twice.
    if (texts.length > 0) converted.set(key, texts.join(', '));
    for (const value of values) if (typeof value !== 'string') converted.add(key, Buffer.from(value));
  }
  return converted;
}

export function fromGrpcJsMetadata(metadata: GrpcJsMetadata): Metadata {
  const received = Object.entries(metadata.toJSON()).filter(([key]) => !isProtocolKey(key));
  return Metadata.received(
    received.map(([key, values]) => [
      key,
      values.map((value) => (typeof value === 'string' ? value : new Uint8Array(value))),
    ]),
  );
}
