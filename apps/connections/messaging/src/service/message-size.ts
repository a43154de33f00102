/** How much of a credit a message takes. */
import type { Message } from '../port/broker.ts';

/** Body and headers. */
export function messageBytes({ body, headers }: Message): number {
  let bytes = body.length;
  for (const [name, value] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes;
}
