/** Takes the bytes of a connection apart into frames, whatever the pieces in which they arrive. */

import { readUint16, readUint24, readUint31, readUint32 } from '../wire-bytes.ts';
import { checkFrame, fail } from './frame-check.ts';
import type { FrameSink } from './frame-sink.ts';
import {
  defaultMaxFrameBytes,
  frameFlags,
  frameHeadBytes,
  frameTypes,
  priorityBytes,
} from './frame-types.ts';

export interface FrameReaderOptions {
  /** Largest payload taken, as announced to the peer. 16 384 to 16 777 215. @default 16 384 */
  readonly maxFrameBytes?: number;
}

/** What the next bytes are. */
const atHead = 0;
const gathering = 1;
const atPadLength = 2;
const inData = 3;
const skipping = 4;

const nothing = Buffer.alloc(0);

/**
 * A frame that lies whole in a chunk is told from there. Of one that does not, DATA is told piece by piece, what is not
 * understood is counted off, and the rest, whose size was checked, is gathered.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  #stopped = false;
  #state = atHead;
  readonly #head = Buffer.alloc(frameHeadBytes);
  #headBytes = 0;
  #length = 0;
  #type = 0;
  #flags = 0;
  #streamId = 0;
  /** Bytes of the frame that have not come: all, or those of DATA before the padding. */
  #left = 0;
  #padding = 0;
  /** What the padding takes from the windows, until it was told. */
  #paddingFlow = 0;
  #gathered = nothing;
  /** The stream whose block of headers is open: nothing but its CONTINUATION may follow. */
  #headersOf = 0;

  constructor(sink: FrameSink, options: FrameReaderOptions = {}) {
    this.#sink = sink;
    this.#maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes;
  }

  /** Nothing more is told, also of a chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#gathered = nothing;
  }

  /** Throws ConnectionError, its own or the sink's; nothing may be read after that. */
  read(chunk: Uint8Array): void {
    if (this.#stopped) return;
    let at = this.#state === atHead && this.#headBytes === 0 ? 0 : this.#resume(chunk);
    while (at + frameHeadBytes <= chunk.length && !this.#stopped) {
      const head = at;
      at = this.#frame(chunk, head, chunk, head + frameHeadBytes);
    }
    if (this.#stopped) return;
    while (at < chunk.length) this.#head[this.#headBytes++] = chunk[at++] as number;
  }

  /** Goes on with what the chunks before have begun. Returns where the next frame begins. */
  #resume(chunk: Uint8Array): number {
    if (this.#state !== atHead) return this.#advance(chunk, 0);
    let at = 0;
    while (this.#headBytes < frameHeadBytes && at < chunk.length) {
      this.#head[this.#headBytes++] = chunk[at++] as number;
    }
    if (this.#headBytes < frameHeadBytes) return at;
    this.#headBytes = 0;
    return this.#frame(this.#head, 0, chunk, at);
  }

  /** `head` and `chunk` are the same but for a head that came in pieces. Returns where the next frame begins. */
  #frame(head: Uint8Array, headAt: number, chunk: Uint8Array, at: number): number {
    const length = readUint24(head, headAt);
    const type = head[headAt + 3] as number;
    const flags = head[headAt + 4] as number;
    const streamId = readUint31(head, headAt + 5);
    if (length > this.#maxFrameBytes) fail('FRAME_SIZE_ERROR', 'a frame is larger than announced');
    if (this.#headersOf !== 0 && (type !== frameTypes.continuation || streamId !== this.#headersOf)) {
      fail('PROTOCOL_ERROR', 'a block of headers was broken by another frame');
    }
    checkFrame(length, type, flags, streamId);
    const end = at + length;
    if (end <= chunk.length) {
      this.#whole(type, flags, streamId, chunk, at, end);
      return end;
    }
    this.#length = length;
    this.#type = type;
    this.#flags = flags;
    this.#streamId = streamId;
    this.#left = length;
    this.#state = this.#partly();
    return this.#advance(chunk, at);
  }

  #partly(): number {
    switch (this.#type) {
      case frameTypes.data:
        this.#padding = 0;
        this.#paddingFlow = 0;
        return (this.#flags & frameFlags.padded) === 0 ? inData : atPadLength;
      case frameTypes.priority:
        if (this.#length === priorityBytes) break;
        this.#skipped(this.#type, this.#streamId);
        return skipping;
      default:
        if (this.#type <= frameTypes.continuation) break;
        this.#skipped(this.#type, this.#streamId);
        return skipping;
    }
    this.#gathered = Buffer.allocUnsafe(this.#length);
    return gathering;
  }

  #advance(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#state === atPadLength) {
      if (at === chunk.length) return at;
      this.#padding = chunk[at++] as number;
      this.#left = dataBytes(this.#length - 1, this.#padding);
      this.#paddingFlow = this.#padding + 1;
      this.#state = inData;
      if (this.#left === 0) return this.#skip(chunk, this.#piece(chunk, at));
    }
    if (this.#state === inData) {
      return at === chunk.length ? at : this.#skip(chunk, this.#piece(chunk, at));
    }
    return this.#state === gathering ? this.#gather(chunk, at) : this.#skip(chunk, at);
  }

  #piece(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    this.#left -= end - at;
    const flowBytes = end - at + this.#paddingFlow;
    this.#paddingFlow = 0;
    const last = this.#left === 0;
    if (last) {
      this.#left = this.#padding;
      this.#state = skipping;
    }
    this.#sink.data(
      this.#streamId,
      chunk,
      at,
      end,
      flowBytes,
      last && (this.#flags & frameFlags.endStream) !== 0,
    );
    return end;
  }

  #skip(chunk: Uint8Array, at: number): number {
    if (this.#state !== skipping) return at;
    const end = Math.min(at + this.#left, chunk.length);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = atHead;
    return end;
  }

  #gather(chunk: Uint8Array, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    const gathered = this.#gathered;
    gathered.set(chunk.subarray(at, end), this.#length - this.#left);
    this.#left -= end - at;
    if (this.#left === 0) {
      this.#state = atHead;
      // Whoever was told of it may hold it.
      this.#gathered = nothing;
      this.#whole(this.#type, this.#flags, this.#streamId, gathered, 0, this.#length);
    }
    return end;
  }

  #whole(type: number, flags: number, streamId: number, bytes: Uint8Array, start: number, end: number): void {
    const sink = this.#sink;
    switch (type) {
      case frameTypes.data: {
        const endStream = (flags & frameFlags.endStream) !== 0;
        if ((flags & frameFlags.padded) === 0) {
          sink.data(streamId, bytes, start, end, end - start, endStream);
        } else {
          const count = dataBytes(end - start - 1, bytes[start] as number);
          sink.data(streamId, bytes, start + 1, start + 1 + count, end - start, endStream);
        }
        return;
      }
      case frameTypes.headers:
        this.#headers(flags, streamId, bytes, start, end);
        return;
      case frameTypes.continuation: {
        if (this.#headersOf === 0) fail('PROTOCOL_ERROR', 'a CONTINUATION continues nothing');
        const endHeaders = (flags & frameFlags.endHeaders) !== 0;
        if (endHeaders) this.#headersOf = 0;
        sink.continuation(streamId, bytes, start, end, endHeaders);
        return;
      }
      case frameTypes.windowUpdate:
        sink.windowUpdate(streamId, readUint31(bytes, start));
        return;
      case frameTypes.rstStream:
        sink.rstStream(streamId, readUint32(bytes, start));
        return;
      case frameTypes.ping:
        sink.ping(bytes, start, (flags & frameFlags.ack) !== 0);
        return;
      case frameTypes.settings:
        if ((flags & frameFlags.ack) === 0) sink.settings(settingsEntries(bytes, start, end));
        else sink.settingsAck();
        return;
      case frameTypes.goAway:
        sink.goAway(
          readUint31(bytes, start),
          readUint32(bytes, start + 4),
          new Uint8Array(bytes.subarray(start + 8, end)),
        );
        return;
      case frameTypes.priority:
        if (end - start === priorityBytes) sink.priority(streamId, readUint31(bytes, start));
        else this.#skipped(type, streamId);
        return;
      default:
        this.#skipped(type, streamId);
    }
  }

  #headers(flags: number, streamId: number, bytes: Uint8Array, from: number, to: number): void {
    let start = from;
    let end = to;
    if ((flags & frameFlags.padded) !== 0) {
      const padding = bytes[start++] as number;
      end = start + dataBytes(end - start, padding);
    }
    if ((flags & frameFlags.priority) !== 0) {
      if (end - start < priorityBytes) fail('PROTOCOL_ERROR', 'padding is longer than its frame');
      // An error of the stream, which may be made one of the connection (RFC 9113, section 5.4.1).
      if (readUint31(bytes, start) === streamId) fail('PROTOCOL_ERROR', 'a stream depends on itself');
      start += priorityBytes;
    }
    const endHeaders = (flags & frameFlags.endHeaders) !== 0;
    if (!endHeaders) this.#headersOf = streamId;
    this.#sink.headers(streamId, bytes, start, end, endHeaders, (flags & frameFlags.endStream) !== 0);
  }

  #skipped(type: number, streamId: number): void {
    if (type !== frameTypes.priority) this.#sink.unknown(type, streamId);
    else this.#sink.streamError(streamId, 'FRAME_SIZE_ERROR', 'a PRIORITY frame has five bytes');
  }
}

function settingsEntries(bytes: Uint8Array, start: number, end: number): [number, number][] {
  const entries: [number, number][] = [];
  for (let at = start; at < end; at += 6) entries.push([readUint16(bytes, at), readUint32(bytes, at + 2)]);
  return entries;
}

/** Of a payload whose padding takes a part. */
function dataBytes(length: number, padding: number): number {
  if (padding > length) fail('PROTOCOL_ERROR', 'padding is longer than its frame');
  return length - padding;
}
