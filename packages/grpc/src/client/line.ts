/** A connection that is ready, as calls use it. */
import type { ClientConnection } from '../http2/connection/connection-roles.ts';
import type { HeaderFields } from '../http2/header-fields.ts';
import type { Http2Stream, StreamOwner } from '../http2/stream/stream-owner.ts';

/** What keeps a process alive while calls are open: the socket. */
export interface Hold {
  ref(): unknown;
  unref(): unknown;
}

export class Line {
  /** A call was answered: the server is of use. */
  answered = false;
  readonly #connection: ClientConnection;
  readonly #hold: Hold;
  #calls = 0;

  constructor(connection: ClientConnection, hold: Hold) {
    this.#connection = connection;
    this.#hold = hold;
    hold.unref();
  }

  /** The same connection for what shall keep no process alive. */
  unheld(): Line {
    return new Line(this.#connection, { ref() {}, unref() {} });
  }

  get room(): number {
    return this.#connection.room;
  }

  /** Only while there is room. The owner says `over` when it is told that the stream is closed. */
  open(owner: StreamOwner, shared: HeaderFields, own: HeaderFields | undefined): Http2Stream {
    if (this.#calls++ === 0) this.#hold.ref();
    return this.#connection.open(owner, shared, own, false);
  }

  over(): void {
    if (--this.#calls === 0) this.#hold.unref();
  }

  /** Open calls go on. */
  drain(): void {
    this.#connection.drain();
  }
}
