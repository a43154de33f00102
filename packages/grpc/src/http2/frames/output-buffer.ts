/** The bytes of a connection that wait for the end of the turn, in as few pieces as can be. */
import type { Writable } from 'node:stream';

const smallestSlabBytes = 1_024;
const largestSlabBytes = 65_536;
/** A connection whose turns are smaller than this holds no slab between them. */
const quietTurnBytes = 512;
/** A slab has room for so many turns like the last one: a connection that says little holds little. */
const turnsOfSlab = 16;

const nothing = Buffer.alloc(0);

/**
 * Bytes are written once: what was handed over belongs to the socket, the rest of the slab takes what follows, and a slab
 * that is full is left behind.
 */
export class OutputBuffer {
  /** Where the positions of `claim` lie; another one after each claim. */
  bytes: Buffer = nothing;
  #start = 0;
  #end = 0;
  /** In this turn, without what was appended. */
  #claimedBytes = 0;
  /** Before what `bytes` holds from `#start`. */
  readonly #ready: Uint8Array[] = [];
  #readyBytes = 0;

  /** Appended and not handed over. */
  get pendingBytes(): number {
    return this.#readyBytes + this.#end - this.#start;
  }

  /** Appends `count` bytes, to be filled in at once, in `bytes` from the position returned. */
  claim(count: number): number {
    if (this.bytes.length - this.#end < count) this.#turnOver(count);
    const at = this.#end;
    this.#end += count;
    this.#claimedBytes += count;
    return at;
  }

  /** Takes back the last `count` bytes of the last claim. */
  giveBack(count: number): void {
    this.#end -= count;
    this.#claimedBytes -= count;
  }

  /** Appends bytes without a copy: they have to stay as they are until the socket has sent them. */
  append(bytes: Uint8Array): void {
    this.#closePiece();
    this.#ready.push(bytes);
    this.#readyBytes += bytes.length;
  }

  /** Hands all over in one write of the system, if it takes that much. False when the socket asks to wait for its 'drain'. */
  flushTo(socket: Writable): boolean {
    this.#closePiece();
    const ready = this.#ready;
    this.#readyBytes = 0;
    if (ready.length === 0) return !socket.writableNeedDrain;
    let goOn = true;
    if (ready.length === 1) {
      goOn = socket.write(ready[0]);
    } else {
      socket.cork();
      for (const piece of ready) goOn = socket.write(piece);
      socket.uncork();
    }
    ready.length = 0;
    const turnBytes = this.#claimedBytes;
    if (turnBytes < quietTurnBytes || this.bytes.length > slabBytes(turnBytes)) this.#take(nothing);
    this.#claimedBytes = 0;
    return goOn;
  }

  #closePiece(): void {
    if (this.#end === this.#start) return;
    this.#ready.push(this.bytes.subarray(this.#start, this.#end));
    this.#readyBytes += this.#end - this.#start;
    this.#start = this.#end;
  }

  #turnOver(count: number): void {
    this.#closePiece();
    this.#take(Buffer.allocUnsafe(Math.max(count, slabBytes(this.#claimedBytes + count))));
  }

  #take(slab: Buffer): void {
    this.bytes = slab;
    this.#start = 0;
    this.#end = 0;
  }
}

function slabBytes(turnBytes: number): number {
  return Math.min(Math.max(turnBytes * turnsOfSlab, smallestSlabBytes), largestSlabBytes);
}
