/** A response as it came over the wire. */
import type { MessageCodec } from '../method.ts';
import { responseNotDecodable } from './channel-failures.ts';

/** Throws a StatusError when the bytes are no such message. */
export function decodeResponse<T>(codec: MessageCodec<T>, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw responseNotDecodable(cause);
  }
}
