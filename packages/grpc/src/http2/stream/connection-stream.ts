/** One stream: its state, its windows and what waits to be sent. */
import type { InboundWindow } from '../connection/inbound-flow.ts';
import type { ErrorCodeName } from '../error-code.ts';
import type { HeaderFields } from '../header-fields.ts';
import type { Http2Stream, StreamFailure, StreamOwner } from './stream-owner.ts';

/** Bytes of one `sendData` that flow control or the socket has not taken. */
export interface Outgoing {
  /** Latin1 text while it waits. */
  prefix: Uint8Array | string;
  bytes: Uint8Array;
  readonly endStream: boolean;
  /** Of prefix and bytes together. */
  sent: number;
  /** The owner was told that it waits. */
  awaited: boolean;
  trailers: { readonly shared: HeaderFields; readonly own: HeaderFields | undefined } | undefined;
}

/** What a stream asks of its connection; not called once the stream is closed. */
export interface StreamHost {
  sendHeaders(
    stream: ConnectionStream,
    shared: HeaderFields,
    own: HeaderFields | undefined,
    endStream: boolean,
  ): void;
  sendData(stream: ConnectionStream, prefix: Uint8Array, bytes: Uint8Array, endStream: boolean): boolean;
  reset(stream: ConnectionStream, code: ErrorCodeName, message: string): void;
  release(stream: ConnectionStream, bytes: number): void;
}

/**
 * Open until `closed`; half-closed when one side has ended. Thousands may be idle: it has fields of its own and neither
 * closures nor objects.
 */
export class ConnectionStream implements Http2Stream, InboundWindow {
  readonly id: number;
  readonly #host: StreamHost;
  owner: StreamOwner = unowned;
  closed = false;
  /** For the table of open streams alone. */
  nextInTable: ConnectionStream | undefined = undefined;
  /** Of a stream that is closed. */
  failure: StreamFailure | undefined = undefined;
  /** This side has sent END_STREAM. */
  sentEnd = false;
  /** The peer has. */
  receivedEnd = false;
  /** A client has the final head of the response; on a server a stream begins with its head. */
  hasHead: boolean;
  /** Negative after the peer has made its windows smaller. */
  sendable: number;
  receivable: number;
  unannounced = 0;
  /** Bytes that the owner was told of and has not released. */
  held = 0;
  /** By content-length; -1 when unknown. */
  expectedBytes = -1;
  receivedBytes = 0;
  outgoing: Outgoing | undefined = undefined;
  /** In the round of streams that may send. */
  inRound = false;

  constructor(id: number, host: StreamHost, sendable: number, receivable: number, hasHead: boolean) {
    this.id = id;
    this.#host = host;
    this.sendable = sendable;
    this.receivable = receivable;
    this.hasHead = hasHead;
  }

  sendHeaders(shared: HeaderFields, own: HeaderFields | undefined, endStream: boolean): void {
    if (!this.closed) this.#host.sendHeaders(this, shared, own, endStream);
  }

  sendData(prefix: Uint8Array, bytes: Uint8Array, endStream: boolean): boolean {
    return this.closed || this.#host.sendData(this, prefix, bytes, endStream);
  }

  sendTrailers(shared: HeaderFields, own: HeaderFields | undefined): void {
    if (this.outgoing) this.outgoing.trailers = { shared, own };
    else this.sendHeaders(shared, own, true);
  }

  reset(code: ErrorCodeName): void {
    if (!this.closed) this.#host.reset(this, code, 'reset by this side');
  }

  release(bytes: number): void {
    if (!this.closed) this.#host.release(this, bytes);
  }
}

/** Stands in until the layer above has said who owns the stream, which is before anything else can come for it. */
const unowned: StreamOwner = {
  headers() {},
  data() {},
  trailers() {},
  taken() {},
  closed() {},
};
