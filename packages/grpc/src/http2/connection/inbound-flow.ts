/** What the peer may still send, and how it gets more: by what was released, in few updates. */
import { ConnectionError } from '../error-code.ts';
import type { FrameWriter } from '../frames/frame-writer.ts';
import type { ConnectionStream } from '../stream/connection-stream.ts';
import { defaultWindowBytes } from './peer-settings.ts';
import type { SocketOutput } from './socket-output.ts';

/** Of the connection or of a stream, which is its own window, without an object more. */
export interface InboundWindow {
  /** Bytes that the peer may send. */
  receivable: number;
  /** Bytes that were released and not announced yet. */
  unannounced: number;
}

export class InboundFlow implements InboundWindow {
  readonly #frames: FrameWriter;
  readonly #output: SocketOutput;
  readonly #streamBytes: number;
  readonly #connectionBytes: number;
  receivable = defaultWindowBytes;
  unannounced = 0;
  /** Of a stream that is opened now: what the peer may not know yet does not bind it. */
  initialBytes = defaultWindowBytes;

  constructor(frames: FrameWriter, output: SocketOutput, streamBytes: number, connectionBytes: number) {
    this.#frames = frames;
    this.#output = output;
    this.#streamBytes = streamBytes;
    this.#connectionBytes = Math.max(connectionBytes, defaultWindowBytes);
  }

  /** Right after our SETTINGS, which say nothing of the connection's window. */
  announce(): void {
    const increment = this.#connectionBytes - this.receivable;
    if (increment === 0) return;
    this.receivable += increment;
    this.#frames.windowUpdate(0, increment);
  }

  /** The peer goes by our SETTINGS from here on. */
  settingsAcknowledged(streams: Iterable<ConnectionStream>): void {
    const difference = this.#streamBytes - this.initialBytes;
    this.initialBytes = this.#streamBytes;
    for (const stream of streams) stream.receivable += difference;
  }

  /** Throws ConnectionError. */
  receive(bytes: number): void {
    this.receivable -= bytes;
    if (this.receivable < 0) {
      throw new ConnectionError('FLOW_CONTROL_ERROR', 'more data than the window of the connection');
    }
  }

  /** Gives back what no owner was told of. */
  discard(bytes: number): void {
    this.#announce(this, 0, bytes, this.#connectionBytes);
  }

  release(stream: ConnectionStream, bytes: number): void {
    const released = Math.min(bytes, stream.held);
    stream.held -= released;
    if (!stream.receivedEnd) this.#announce(stream, stream.id, released, this.#streamBytes);
    this.discard(released);
  }

  /** Nothing before half of the window was released. */
  #announce(window: InboundWindow, streamId: number, bytes: number, size: number): void {
    window.unannounced += bytes;
    if (window.unannounced * 2 < size || window.unannounced === 0) return;
    window.receivable += window.unannounced;
    this.#frames.windowUpdate(streamId, window.unannounced);
    window.unannounced = 0;
    this.#output.schedule();
  }
}
