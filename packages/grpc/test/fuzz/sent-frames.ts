/** What either end may send, whatever it is sent: frames of streams in their order. */
import { rawFlags, rawPreface, rawTypes } from '../raw-http2-peer.ts';
import type { Tally } from './fuzz-tally.ts';

export function checkSent(sent: readonly Buffer[], role: 'client' | 'server', tally: Tally): void {
  const bytes = Buffer.concat(sent);
  let at = role === 'client' ? rawPreface.length : 0;
  const begun = new Set<number>();
  const ended = new Set<number>();
  while (at + 9 <= bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const type = bytes.readUInt8(at + 3);
    const flags = bytes.readUInt8(at + 4);
    const stream = bytes.readUInt32BE(at + 5);
    at += 9 + length;
    if (at > bytes.length) break;
    if (type === rawTypes.HEADERS) begun.add(stream);
    if (type === rawTypes.HEADERS || type === rawTypes.DATA) {
      if (!begun.has(stream)) tally.violated('DATA before HEADERS was sent');
      if (ended.has(stream)) tally.violated('a stream was sent on after its end');
      if (flags & rawFlags.END_STREAM) ended.add(stream);
    } else if (type === rawTypes.RST_STREAM) ended.add(stream);
    else if (type > rawTypes.CONTINUATION || type === rawTypes.PUSH_PROMISE) {
      tally.violated(`a frame of type ${type} was sent`);
    }
  }
}
