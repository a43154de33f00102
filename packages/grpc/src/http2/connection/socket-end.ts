/** The last part of a connection's life: from the last frame until the socket is closed. */
import type { Duplex } from 'node:stream';
import type { StreamFailure } from '../stream/stream-owner.ts';
import { lingerMs, unsentLingers } from './abuse-bounds.ts';
import type { Clock } from './connection-options.ts';

/** What streams are told that were open when the socket closed. */
export const lost: StreamFailure = {
  code: 'CANCEL',
  by: 'connection',
  unprocessed: false,
  message: 'the connection was lost',
};

export interface SocketEndEvents {
  /** The peer sends nothing more. */
  ended(): void;
  /** Once, whatever happened. */
  closed(error: Error | undefined): void;
}

export class SocketEnd {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  #linger: Disposable | undefined;
  #error: Error | undefined;

  constructor(socket: Duplex, clock: Clock, events: SocketEndEvents) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('error', (error) => {
      this.#error ??= error;
      socket.destroy();
    });
    socket.on('end', () => events.ended());
    const closed = () => {
      this.#linger?.[Symbol.dispose]();
      events.closed(this.#error);
    };
    // A socket that has closed before says so no more.
    if (socket.closed) process.nextTick(closed);
    else socket.once('close', closed);
  }

  /**
   * After what was written; the peer has a while to read it and to close its side. What it still sends is read and dropped:
   * a socket that is closed with bytes unread makes the system throw away what was sent. A peer that did nothing wrong has
   * longer while the socket still holds answers for it.
   */
  end(blameless: boolean): void {
    this.#socket.end();
    this.#lingerOn(blameless ? unsentLingers : 0);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #lingerOn(times: number): void {
    this.#linger = this.#clock.after(lingerMs, () => {
      if (times > 0 && this.#socket.writableLength > 0) this.#lingerOn(times - 1);
      else this.#socket.destroy();
    });
  }
}
