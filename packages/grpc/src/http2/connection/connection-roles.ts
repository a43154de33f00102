/** The two ends of a connection as the layers above use them. */
import type { Duplex } from 'node:stream';
import type { ConnectionError, ErrorCodeName } from '../error-code.ts';
import type { HeaderBlock, HeaderFields } from '../header-fields.ts';
import type { Http2Stream, StreamOwner } from '../stream/stream-owner.ts';
import type { ConnectionOptions, ServerConnectionOptions } from './connection-options.ts';

export interface ServerConnectionEvents {
  /** A client opened a stream. Who it returns is told the rest; it may answer or reset at once. */
  stream(stream: Http2Stream, head: HeaderBlock, endStream: boolean): StreamOwner;
  /** The socket is closed and every stream was told. `error` is what this side ended it for. */
  closed(error: ConnectionError | undefined): void;
}

export interface ServerConnection {
  readonly openStreams: number;
  /** The first GOAWAY, then the second when its PING is answered; closes when the last stream is over. Idempotent. */
  drain(): void;
  /** Ends every stream, sends GOAWAY with this code, closes. */
  close(code: ErrorCodeName): void;
}

export type AcceptConnection = (
  socket: Duplex,
  options: ServerConnectionOptions,
  events: ServerConnectionEvents,
) => ServerConnection;

export interface ClientConnectionEvents {
  /** The server's SETTINGS have come: it speaks HTTP/2. */
  ready(): void;
  /** There is room for another stream after there was none. */
  roomAgain(): void;
  /**
   * No further stream can be opened: a GOAWAY was received, identifiers have run out, or the connection is over and its socket
   * about to be closed. Streams that are told nothing go on. Told once, and again with what comes with an error.
   */
  draining(code: ErrorCodeName, debugText: string): void;
  /** The socket is closed and every stream was told. */
  closed(error: Error | undefined): void;
}

export interface ClientConnection {
  readonly openStreams: number;
  /** How many streams could be opened now, by the server's limit and the identifiers left. */
  readonly room: number;
  /** Only while there is room. */
  open(
    owner: StreamOwner,
    shared: HeaderFields,
    own: HeaderFields | undefined,
    endStream: boolean,
  ): Http2Stream;
  /** Open streams go on; closes when the last is over. */
  drain(): void;
  close(code: ErrorCodeName): void;
}

export type ConnectConnection = (
  socket: Duplex,
  options: ConnectionOptions,
  events: ClientConnectionEvents,
) => ClientConnection;
