/** Writes frames into the output of a connection. What state allows is the caller's to know. */
import { type ErrorCodeName, errorCodes } from '../error-code.ts';
import type { HeaderFields } from '../header-fields.ts';
import { copyBytes, writeUint32 } from '../wire-bytes.ts';
import { defaultMaxFrameBytes, frameFlags, frameHeadBytes, frameTypes } from './frame-types.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { clientPreface } from './preface-reader.ts';

/** What makes header blocks of fields. */
export interface BlockEncoder {
  /** No less than `encode` will write for the same lists, which has to follow. */
  maxBytes(shared: HeaderFields, own: HeaderFields | undefined): number;
  /** Returns the end of what it wrote from `at`. */
  encode(shared: HeaderFields, own: HeaderFields | undefined, target: Uint8Array, at: number): number;
}

/** From here on a payload is handed over as it is: a piece more costs less than the copy. */
const referenceBytes = 8_192;

export class FrameWriter {
  readonly #output: OutputBuffer;
  readonly #encoder: BlockEncoder;
  /** Largest payload that the peer takes (SETTINGS_MAX_FRAME_SIZE). */
  maxFrameBytes = defaultMaxFrameBytes;

  constructor(output: OutputBuffer, encoder: BlockEncoder) {
    this.#output = output;
    this.#encoder = encoder;
  }

  /** What a client begins with; its SETTINGS follow. */
  preface(): void {
    const at = this.#output.claim(clientPreface.length);
    this.#output.bytes.set(clientPreface, at);
  }

  headers(streamId: number, shared: HeaderFields, own: HeaderFields | undefined, endStream: boolean): void {
    const output = this.#output;
    const maxBytes = this.#encoder.maxBytes(shared, own);
    const at = output.claim(frameHeadBytes + maxBytes);
    const start = at + frameHeadBytes;
    const end = this.#encoder.encode(shared, own, output.bytes, start);
    const flags = endStream ? frameFlags.endStream : 0;
    if (end - start <= this.maxFrameBytes) {
      output.giveBack(maxBytes - (end - start));
      putHead(output.bytes, at, end - start, frameTypes.headers, flags | frameFlags.endHeaders, streamId);
    } else {
      const block = new Uint8Array(output.bytes.subarray(start, end));
      output.giveBack(frameHeadBytes + maxBytes);
      this.#split(streamId, block, flags);
    }
  }

  /**
   * One frame of `prefix` and of `payload` from `start` to `end`, no longer together than `maxFrameBytes`. From 8 KiB on the
   * payload is not copied: it has to stay as it is until the socket has sent it.
   */
  data(
    streamId: number,
    prefix: Uint8Array,
    payload: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): void {
    const count = end - start;
    const byReference = count >= referenceBytes;
    const length = prefix.length + count;
    const output = this.#output;
    const at = output.claim(frameHeadBytes + (byReference ? prefix.length : length));
    const { bytes } = output;
    putHead(bytes, at, length, frameTypes.data, endStream ? frameFlags.endStream : 0, streamId);
    copyBytes(prefix, 0, prefix.length, bytes, at + frameHeadBytes);
    if (byReference) output.append(payload.subarray(start, end));
    else copyBytes(payload, start, end, bytes, at + frameHeadBytes + prefix.length);
  }

  rstStream(streamId: number, code: ErrorCodeName): void {
    this.#word(frameTypes.rstStream, streamId, errorCodes[code]);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#word(frameTypes.windowUpdate, streamId, increment);
  }

  settings(entries: readonly (readonly [number, number])[]): void {
    let at = this.#frame(entries.length * 6, frameTypes.settings, 0, 0);
    const { bytes } = this.#output;
    for (const [identifier, value] of entries) {
      bytes[at++] = identifier >>> 8;
      bytes[at++] = identifier;
      writeUint32(bytes, at, value);
      at += 4;
    }
  }

  settingsAck(): void {
    this.#frame(0, frameTypes.settings, frameFlags.ack, 0);
  }

  /** Eight bytes of `payload` from `start`. */
  ping(payload: Uint8Array, start: number, ack: boolean): void {
    const at = this.#frame(8, frameTypes.ping, ack ? frameFlags.ack : 0, 0);
    copyBytes(payload, start, start + 8, this.#output.bytes, at);
  }

  goAway(lastStreamId: number, code: ErrorCodeName, debugText: string): void {
    const debugData = Buffer.from(debugText);
    const at = this.#frame(8 + debugData.length, frameTypes.goAway, 0, 0);
    const { bytes } = this.#output;
    writeUint32(bytes, at, lastStreamId);
    writeUint32(bytes, at + 4, errorCodes[code]);
    bytes.set(debugData, at + 8);
  }

  #word(type: number, streamId: number, value: number): void {
    const at = this.#frame(4, type, 0, streamId);
    writeUint32(this.#output.bytes, at, value);
  }

  /** Returns where its payload lies in the output. */
  #frame(length: number, type: number, flags: number, streamId: number): number {
    const at = this.#output.claim(frameHeadBytes + length);
    putHead(this.#output.bytes, at, length, type, flags, streamId);
    return at + frameHeadBytes;
  }

  #split(streamId: number, block: Uint8Array, flags: number): void {
    for (let start = 0; start < block.length; start += this.maxFrameBytes) {
      const end = Math.min(start + this.maxFrameBytes, block.length);
      const at = this.#frame(
        end - start,
        start === 0 ? frameTypes.headers : frameTypes.continuation,
        (start === 0 ? flags : 0) | (end === block.length ? frameFlags.endHeaders : 0),
        streamId,
      );
      copyBytes(block, start, end, this.#output.bytes, at);
    }
  }
}

function putHead(
  bytes: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): void {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  writeUint32(bytes, at + 5, streamId);
}
