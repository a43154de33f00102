/** Sends DATA as far as the windows of stream and connection and the socket allow, in turn over the streams that wait. */
import { ConnectionError } from '../error-code.ts';
import type { FrameWriter } from '../frames/frame-writer.ts';
import type { ConnectionStream, Outgoing } from '../stream/connection-stream.ts';
import { defaultWindowBytes, maxWindowBytes } from './peer-settings.ts';
import type { SocketOutput } from './socket-output.ts';

export interface OutboundFlowEvents {
  /** DATA of some length was sent. */
  moved(): void;
  /** This side of the stream has ended. */
  ended(stream: ConnectionStream): void;
}

const noBytes = new Uint8Array(0);
/** Bytes of a message. */
const keptAsText = 1_024;
/** Steps behind in the round that are let go of at once. */
const trimmedSteps = 1_024;

export class OutboundFlow {
  readonly #frames: FrameWriter;
  readonly #output: SocketOutput;
  readonly #events: OutboundFlowEvents;
  /** Of the connection. */
  #sendable = defaultWindowBytes;
  /** Streams that have something to send and a window for it, as far as it was known when they came. */
  readonly #round: ConnectionStream[] = [];
  #next = 0;
  #pumping = false;

  constructor(frames: FrameWriter, output: SocketOutput, events: OutboundFlowEvents) {
    this.#frames = frames;
    this.#output = output;
    this.#events = events;
  }

  /** As Http2Stream.sendData. */
  send(stream: ConnectionStream, prefix: Uint8Array, bytes: Uint8Array, endStream: boolean): boolean {
    const total = prefix.length + bytes.length;
    if (total === 0 || this.#fits(stream, total)) {
      this.#frames.data(stream.id, prefix, bytes, 0, bytes.length, endStream);
      this.#spent(stream, total);
      if (endStream) this.#end(stream);
      return true;
    }
    const outgoing: Outgoing = { prefix, bytes, endStream, sent: 0, awaited: false, trailers: undefined };
    stream.outgoing = outgoing;
    this.#join(stream);
    this.pump();
    if (stream.outgoing !== outgoing) return true;
    outgoing.awaited = true;
    keepSmall(outgoing, prefix, total);
    return false;
  }

  /** Called when there may be room: in the socket, in the window of the connection or in that of a stream. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#next < this.#round.length && this.#sendable > 0 && this.#output.hasRoom()) {
        this.#step(this.#round[this.#next++] as ConnectionStream);
        if (this.#next >= trimmedSteps || this.#next === this.#round.length) {
          this.#round.splice(0, this.#next);
          this.#next = 0;
        }
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** More for the connection. Throws ConnectionError when it is too much. */
  widen(increment: number): void {
    this.#sendable += increment;
    if (this.#sendable > maxWindowBytes) {
      throw new ConnectionError('FLOW_CONTROL_ERROR', 'the window of the connection is too large');
    }
    this.pump();
  }

  /** More or less for a stream. False when it is too much. The caller pumps. */
  widenStream(stream: ConnectionStream, increment: number): boolean {
    stream.sendable += increment;
    if (stream.sendable > maxWindowBytes) return false;
    this.#join(stream);
    return true;
  }

  #fits(stream: ConnectionStream, total: number): boolean {
    return (
      total <= stream.sendable &&
      total <= this.#sendable &&
      total <= this.#frames.maxFrameBytes &&
      this.#round.length === 0 &&
      this.#output.hasRoom()
    );
  }

  #join(stream: ConnectionStream): void {
    if (stream.inRound || !stream.outgoing || stream.sendable <= 0) return;
    stream.inRound = true;
    this.#round.push(stream);
  }

  /** One frame. */
  #step(stream: ConnectionStream): void {
    stream.inRound = false;
    const { outgoing } = stream;
    if (!outgoing || stream.sendable <= 0) return;
    if (typeof outgoing.prefix === 'string') outgoing.prefix = Buffer.from(outgoing.prefix, 'latin1');
    const { prefix, bytes } = outgoing;
    const left = prefix.length + bytes.length - outgoing.sent;
    const count = Math.min(left, stream.sendable, this.#sendable, this.#frames.maxFrameBytes);
    const from = outgoing.sent;
    outgoing.sent += count;
    const last = count === left;
    const head = prefix.subarray(from, outgoing.sent);
    const start = Math.max(from - prefix.length, 0);
    const end = Math.max(outgoing.sent - prefix.length, 0);
    this.#frames.data(stream.id, head, bytes, start, end, last && outgoing.endStream);
    this.#spent(stream, count);
    if (last) this.#took(stream, outgoing);
    else this.#join(stream);
  }

  #took(stream: ConnectionStream, outgoing: Outgoing): void {
    stream.outgoing = undefined;
    if (outgoing.awaited) stream.owner.taken();
    if (stream.closed) return;
    if (outgoing.endStream) this.#end(stream);
    else if (outgoing.trailers) stream.sendTrailers(outgoing.trailers.shared, outgoing.trailers.own);
  }

  #spent(stream: ConnectionStream, count: number): void {
    stream.sendable -= count;
    this.#sendable -= count;
    this.#output.schedule();
    if (count > 0) this.#events.moved();
  }

  #end(stream: ConnectionStream): void {
    stream.sentEnd = true;
    this.#events.ended(stream);
  }
}

/**
 * What waits is kept as text where it is short: thousands of streams may wait for their windows, and no buffer is as small as
 * a string. The prefix is the caller's to use again.
 */
function keepSmall(outgoing: Outgoing, prefix: Uint8Array, total: number): void {
  if (total <= keptAsText) {
    outgoing.prefix = latin1(prefix) + latin1(outgoing.bytes);
    outgoing.bytes = noBytes;
  } else if (outgoing.sent < prefix.length) {
    outgoing.prefix = latin1(prefix);
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length);
}
