/** Takes the messages of one stream out of the pieces that its bytes come in. */
import { StatusError } from '../status-error.ts';
import { messageTooLarge } from '../transport-failures.ts';
import { prefixBytes } from './message-prefix.ts';

const none = new Uint8Array();

/**
 * Driven by demand: give it a piece, take messages with `next` as long as somebody wants them, then `keep` the rest. A message
 * that is whole within its piece is a view on it; the bytes that are kept are copied, once for a small message. No byte of a
 * message that was taken is written again, so that its holder may hold it for as long as it likes.
 */
export class MessageReader {
  /** Of the message that `next` gave last. */
  compressed = false;
  readonly #maxBytes: number;
  #bytes: Uint8Array = none;
  #start = 0;
  #end = 0;
  /** The bytes are our own copy, which may have room behind `#end`. */
  #owned = false;

  /** `maxBytes` is for a message as it is on the wire, compressed or not. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that no message was made of yet. */
  get heldBytes(): number {
    return this.#end - this.#start;
  }

  /** `buffer[start, end)` comes next on the stream. It is to stay as it is as long as a message of it is held. */
  give(buffer: Uint8Array, start: number, end: number): void {
    if (this.heldBytes > 0) {
      this.#append(buffer, start, end);
      return;
    }
    this.#bytes = buffer;
    this.#start = start;
    this.#end = end;
    this.#owned = false;
  }

  /**
   * Undefined when no whole message is there. Throws a StatusError when the message that begins here is larger than allowed,
   * which is known before its bytes have come, or has a prefix that gRPC does not know.
   */
  next(): Uint8Array | undefined {
    if (this.heldBytes < prefixBytes) return undefined;
    const length = this.#announcedBytes();
    const start = this.#start + prefixBytes;
    if (this.#end - start < length) return undefined;
    this.compressed = this.#bytes[this.#start] === 1;
    this.#start = start + length;
    // No Buffer, whose `slice` and `toString` differ from what a codec expects of bytes.
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  /** Call it before the owner of the piece goes on: what is left of the piece is copied. */
  keep(): void {
    const held = this.heldBytes;
    if (held === 0) {
      this.#bytes = none;
      this.#start = this.#end = 0;
    } else if (!this.#owned) this.#move(held);
  }

  #append(buffer: Uint8Array, start: number, end: number): void {
    const held = this.heldBytes + end - start;
    if (!this.#owned || this.#end + end - start > this.#bytes.length) this.#move(held);
    this.#bytes.set(buffer.subarray(start, end), this.#end);
    this.#end += end - start;
  }

  /**
   * To a buffer of our own with room for `wanted` bytes. It has twice of what has come, and not more than the message that it is
   * for: a peer that announces a large message and sends nothing costs nothing.
   */
  #move(wanted: number): void {
    const announced = this.heldBytes < prefixBytes ? 0 : prefixBytes + this.#announcedBytes();
    const bytes = new Uint8Array(announced > wanted ? Math.min(announced, 2 * wanted) : 2 * wanted);
    bytes.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end = this.heldBytes;
    this.#start = 0;
    this.#bytes = bytes;
    this.#owned = true;
  }

  #announcedBytes(): number {
    const at = this.#start;
    const bytes = this.#bytes;
    const flag = bytes[at];
    if (flag !== 0 && flag !== 1) {
      throw new StatusError('INTERNAL', `a message begins with the byte ${flag}, which is neither 0 nor 1`);
    }
    const high = byteAt(bytes, at + 1) * 0x1000000;
    const length =
      high + ((byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 8) | byteAt(bytes, at + 4));
    if (length > this.#maxBytes) throw messageTooLarge(length, this.#maxBytes);
    return length;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
