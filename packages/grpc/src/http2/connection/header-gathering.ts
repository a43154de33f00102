/** A header block that came in more frames than one, until it is whole. */
import { ConnectionError } from '../error-code.ts';
import { maxContinuations } from './abuse-bounds.ts';

export class HeaderGathering {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  streamId = 0;
  endStream = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  begin(streamId: number, endStream: boolean, piece: Uint8Array): void {
    this.streamId = streamId;
    this.endStream = endStream;
    this.add(piece);
  }

  /** Throws ConnectionError: what was sent cannot be skipped, since it changes the state of the decoder. */
  add(piece: Uint8Array): void {
    this.#bytes += piece.length;
    // The piece is a view of a read that would be kept whole.
    this.#pieces.push(Uint8Array.prototype.slice.call(piece));
    if (this.#bytes > this.#maxBytes || this.#pieces.length > maxContinuations) {
      throw new ConnectionError('ENHANCE_YOUR_CALM', 'a header block is too long');
    }
  }

  take(): Uint8Array {
    const block = Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    return block;
  }
}
