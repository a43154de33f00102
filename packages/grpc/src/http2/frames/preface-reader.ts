/** The first bytes of a client (RFC 9113, section 3.4), read on a server before any frame. */
import { ConnectionError } from '../error-code.ts';

export const clientPreface: Uint8Array = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export class PrefaceReader {
  #read = 0;

  get done(): boolean {
    return this.#read === clientPreface.length;
  }

  /** How many bytes of `chunk` belong to the preface. Throws PROTOCOL_ERROR on the first byte that does not. */
  read(chunk: Uint8Array): number {
    const count = Math.min(clientPreface.length - this.#read, chunk.length);
    for (let at = 0; at < count; at++) {
      if (chunk[at] !== clientPreface[this.#read]) {
        throw new ConnectionError('PROTOCOL_ERROR', 'the peer does not begin as an HTTP/2 client');
      }
      this.#read++;
    }
    return count;
  }
}
