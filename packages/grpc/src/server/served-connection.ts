/** The calls of one connection. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer } from '../call.ts';
import type { ServerConnection, ServerConnectionEvents } from '../http2/connection/connection-roles.ts';
import type { HeaderBlock } from '../http2/header-fields.ts';
import type { Http2Stream, StreamOwner } from '../http2/stream/stream-owner.ts';
import type { MessageReader } from '../protocol/message-reader.ts';
import type { ExchangeSettings } from './exchange.ts';
import type { MethodTable } from './method-table.ts';
import { peerAt } from './peer-address.ts';
import { RefusedCall } from './refused-call.ts';
import { requestHead } from './request-head.ts';
import { clientCertificate } from './server-tls.ts';
import { type CallHost, StreamExchange } from './stream-exchange.ts';

export interface ServedConnectionOptions {
  readonly calls: ExchangeSettings;
  readonly methods: MethodTable;
  readonly maxRequestBytes: number;
  readonly maxMetadataBytes: number;
  readonly compressFromBytes: number;
  readonly unixPath: string | undefined;
  onClosed(): void;
}

export class ServedConnection implements CallHost, ServerConnectionEvents {
  readonly calls: ExchangeSettings;
  readonly maxRequestBytes: number;
  readonly compressFromBytes: number;
  spareReader: MessageReader | undefined = undefined;
  readonly #socket: Socket;
  readonly #options: ServedConnectionOptions;
  #connection: ServerConnection | undefined;
  #peer: Peer | undefined;

  constructor(socket: Socket, options: ServedConnectionOptions) {
    this.calls = options.calls;
    this.maxRequestBytes = options.maxRequestBytes;
    this.compressFromBytes = options.compressFromBytes;
    this.#socket = socket;
    this.#options = options;
  }

  open(connection: ServerConnection): void {
    this.#connection = connection;
  }

  get peer(): Peer {
    this.#peer ??= peerOf(this.#socket, this.#options.unixPath);
    return this.#peer;
  }

  drain(): void {
    this.#connection?.drain();
  }

  stream(stream: Http2Stream, block: HeaderBlock, endStream: boolean): StreamOwner {
    const head = requestHead(block, this.#options.methods, this.#options.maxMetadataBytes);
    if (head.refusal) return new RefusedCall(stream, head.refusal, endStream);
    const exchange = new StreamExchange(stream, head, this);
    exchange.begin(endStream);
    return exchange;
  }

  closed(): void {
    this.#options.onClosed();
  }
}

function peerOf(socket: Socket, unixPath: string | undefined): Peer {
  const secure = socket instanceof TLSSocket;
  if (unixPath !== undefined) return { address: unixPath, loopback: true, secure };
  const certificate = secure ? clientCertificate(socket.getPeerCertificate()) : undefined;
  return { ...peerAt(socket.remoteAddress, socket.remotePort, secure), certificate };
}
