/** How much of a credit and of the transport's largest message a message takes. */
import type { Message } from '../port/broker.ts';

// Ids, names, times and framing around the body and its headers.
const envelopeBytes = 4_096;

export function messageBytes(message: Message): number {
  let bytes = envelopeBytes + message.body.length;
  for (const [name, value] of message.headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}
