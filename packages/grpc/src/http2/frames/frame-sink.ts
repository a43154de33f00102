/** What a reader of frames tells of them. */
import type { ErrorCodeName } from '../error-code.ts';

/**
 * Padding, priority fields and reserved bits are gone, sizes are checked, and a block of headers is not broken by other frames. A view `buffer[start, end)` is on the bytes of the
 * socket: it stays as it is for as long as someone holds it, but holding it keeps the whole read alive, so that what is kept is copied.
 * Any method may throw a ConnectionError.
 */
export interface FrameSink {
  headers(
    streamId: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    endHeaders: boolean,
    endStream: boolean,
  ): void;
  continuation(streamId: number, buffer: Uint8Array, start: number, end: number, endHeaders: boolean): void;
  /**
   * A piece of a DATA frame: a frame is told as it arrives, in one piece or several. `flowBytes` is what the piece takes from the
   * windows: its own bytes, and with the first piece the padding of the whole frame. `endStream` comes with the last piece.
   */
  data(
    streamId: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
    endStream: boolean,
  ): void;
  rstStream(streamId: number, code: number): void;
  /** `[identifier, value]` of each entry, six bytes of wire each. */
  settings(entries: readonly (readonly [number, number])[]): void;
  settingsAck(): void;
  /** Eight bytes from `start`. */
  ping(buffer: Uint8Array, start: number, ack: boolean): void;
  goAway(lastStreamId: number, code: number, debugData: Uint8Array): void;
  /** `increment` may be 0, which is an error of the stream or of the connection. */
  windowUpdate(streamId: number, increment: number): void;
  priority(streamId: number, dependsOn: number): void;
  /** A frame that is wrong for its stream alone; it is skipped. */
  streamError(streamId: number, code: ErrorCodeName, message: string): void;
  /** A frame of a type that is not known; it is skipped. */
  unknown(type: number, streamId: number): void;
}
