/** A request as it goes over the wire. */
import type { MessageCodec } from '../method.ts';
import { compressMessage } from '../protocol/message-compression.ts';
import { requestNotEncodable, requestTooLarge } from './channel-failures.ts';

export interface EncodedRequest {
  readonly bytes: Uint8Array;
  readonly compressed: boolean;
}

interface EncodingSettings {
  readonly maxMessageBytes: number;
  readonly gzip: boolean;
}

/** Throws a StatusError when it cannot be encoded or is too large. */
export function encodeRequest<T>(
  codec: MessageCodec<T>,
  request: T,
  { maxMessageBytes, gzip }: EncodingSettings,
): EncodedRequest {
  const bytes = encode(codec, request);
  if (bytes.length > maxMessageBytes) throw requestTooLarge(bytes.length, maxMessageBytes);
  const smaller = gzip ? compressMessage(bytes) : undefined;
  return smaller ? { bytes: smaller, compressed: true } : { bytes, compressed: false };
}

function encode<T>(codec: MessageCodec<T>, request: T): Uint8Array {
  try {
    return codec.encode(request);
  } catch (cause) {
    throw requestNotEncodable(cause);
  }
}
