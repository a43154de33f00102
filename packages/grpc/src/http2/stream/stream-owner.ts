/** The seam between HTTP/2 and what speaks over it: a stream, and who owns it. */
import type { ErrorCodeName } from '../error-code.ts';
import type { HeaderBlock, HeaderFields } from '../header-fields.ts';

/** Why a stream is over though not both sides had ended it. */
export interface StreamFailure {
  /** NO_ERROR and REFUSED_STREAM say that the peer has not acted on a request that it did not answer. */
  readonly code: ErrorCodeName;
  /** Who ended it: the peer or this side by a reset, or the loss of the connection. */
  readonly by: 'peer' | 'self' | 'connection';
  /** The peer certainly did not act on the stream: refused, or above the last stream of its GOAWAY, or never sent. */
  readonly unprocessed: boolean;
  readonly message: string;
}

/** Told everything about one stream, synchronously, in the order of the wire. What it throws ends the connection. */
export interface StreamOwner {
  /** The final response head, on a client; blocks with a status of 1xx are not told. On a server the head comes with the stream. */
  headers(block: HeaderBlock, endStream: boolean): void;
  /** A view that is to be read or copied before the call returns. Its bytes are given back by `release`. */
  data(buffer: Uint8Array, start: number, end: number, endStream: boolean): void;
  /** Always the end of what the peer sends. */
  trailers(block: HeaderBlock): void;
  /** What `sendData` did not take at once has gone. */
  taken(): void;
  /** Last call, once: nothing more is received or sent. `failure` is undefined when both sides had ended it. */
  closed(failure: StreamFailure | undefined): void;
}

/** Once the stream is closed, nothing of this does anything; `sendData` returns true. */
export interface Http2Stream {
  readonly id: number;
  /**
   * Sends a header block. `shared` is a list that comes again, the same object: it may enter the compression table, and what it
   * becomes is remembered. `own` follows it and is sent as it is.
   */
  sendHeaders(shared: HeaderFields, own: HeaderFields | undefined, endStream: boolean): void;
  /**
   * Sends `prefix` and `bytes` as DATA. True when flow control and the socket have taken all of it; otherwise what is left waits
   * here, uncopied, and the owner's `taken` is called when it has gone. One at a time: not before the one before was taken.
   * `prefix` is copied at once; `bytes` may not change any more, also after they were taken.
   */
  sendData(prefix: Uint8Array, bytes: Uint8Array, endStream: boolean): boolean;
  /**
   * Ends the stream; waits behind data that was not taken yet. What a client has not sent by then it need not send: a server's
   * stream is closed with its end, without a failure.
   */
  sendTrailers(shared: HeaderFields, own: HeaderFields | undefined): void;
  /** Ends the stream at once, data that was not taken included. The owner's `closed` is called with `by: 'self'`. */
  reset(code: ErrorCodeName): void;
  /** Gives bytes of `data` back to the windows of stream and connection. What is left is given back when the stream is closed. */
  release(bytes: number): void;
}
