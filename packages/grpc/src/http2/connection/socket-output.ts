/** When the frames of a connection go to its socket. */
import type { Duplex } from 'node:stream';
import type { OutputBuffer } from '../frames/output-buffer.ts';
import { maxUnreadBytes, outputRoomBytes } from './abuse-bounds.ts';

export interface SocketOutputEvents {
  /** There is room for DATA again. */
  drained(): void;
  /** The peer does not read, and what waits for it is more than it may be. */
  unread(): void;
}

/**
 * What is written in one turn of the event loop leaves in one write at its end: after the callbacks that the turn has called
 * and after all promises that they have settled, and before anything else is read.
 */
export class SocketOutput {
  readonly #socket: Duplex;
  readonly #buffer: OutputBuffer;
  readonly #events: SocketOutputEvents;
  #scheduled = false;
  /** The socket holds what it could not send yet. */
  #blocked = false;

  constructor(socket: Duplex, buffer: OutputBuffer, events: SocketOutputEvents) {
    this.#socket = socket;
    this.#buffer = buffer;
    this.#events = events;
    socket.on('drain', () => {
      this.#blocked = false;
      this.flush();
      if (!this.#blocked) events.drained();
    });
  }

  /** To be called whenever something was appended. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#afterPromises);
  }

  /** Whether DATA may be appended; a frame more than there is room for does no harm. */
  hasRoom(): boolean {
    if (this.#buffer.pendingBytes < outputRoomBytes) return true;
    this.flush();
    return this.#buffer.pendingBytes < outputRoomBytes;
  }

  flush(): void {
    if (this.#blocked || this.#buffer.pendingBytes === 0 || !this.#socket.writable) return;
    // The length is 0 again where the system has taken everything in the call.
    this.#blocked = !this.#buffer.flushTo(this.#socket) && this.#socket.writableLength > 0;
  }

  /** Hands over what is left, whether the socket can send it or not. */
  flushAll(): void {
    this.#blocked = false;
    this.flush();
  }

  // A microtask sees to it that the tick comes after the promises: ticks alone run before them.
  readonly #afterPromises = (): void => {
    process.nextTick(this.#endTurn);
  };

  readonly #endTurn = (): void => {
    this.#scheduled = false;
    this.flush();
    if (this.#blocked && this.#buffer.pendingBytes > maxUnreadBytes) this.#events.unread();
  };
}
