/** What a handler sees of a call that arrived through grpc-js. Whatever few handlers ask for is made when asked for. */
import type { Metadata as GrpcJsMetadata, ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { anonymous, type Call, type Peer, type Principal } from '../call.ts';
import { Metadata } from '../metadata.ts';
import type { StatusError } from '../status-error.ts';
import { fromGrpcJsMetadata } from './metadata-conversion.ts';

export class CallContext implements Call {
  readonly method: string;
  readonly deadline: number | undefined;
  principal: Principal = anonymous;
  readonly #transport: ServerInterceptingCallInterface;
  readonly #end: (reason: StatusError) => void;
  #received: GrpcJsMetadata | undefined;
  #metadata: Metadata | undefined;
  #trailers: Metadata | undefined;
  #peer: Peer | undefined;
  #abortion: AbortController | undefined;
  #reason: StatusError | undefined;

  constructor(
    method: string,
    deadline: number | undefined,
    transport: ServerInterceptingCallInterface,
    end: (reason: StatusError) => void,
  ) {
    this.method = method;
    this.deadline = deadline;
    this.#transport = transport;
    this.#end = end;
  }

  receive(metadata: GrpcJsMetadata): void {
    this.#received = metadata;
  }

  get metadata(): Metadata {
    this.#metadata ??= this.#received ? fromGrpcJsMetadata(this.#received) : new Metadata();
    return this.#metadata;
  }

  get trailers(): Metadata {
    this.#trailers ??= new Metadata();
    return this.#trailers;
  }

  /** Undefined when nobody asked for them. */
  get usedTrailers(): Metadata | undefined {
    return this.#trailers;
  }

  get signal(): AbortSignal {
    if (!this.#abortion) {
      this.#abortion = new AbortController();
      if (this.#reason) this.#abortion.abort(this.#reason);
    }
    return this.#abortion.signal;
  }

  get peer(): Peer {
    this.#peer ??= peerOf(this.#transport);
    return this.#peer;
  }

  /** Why the call was ended from outside of its handler; undefined as long as it was not. */
  get abortReason(): StatusError | undefined {
    return this.#reason;
  }

  abort(reason: StatusError): void {
    this.#end(reason);
  }

  /** The call has ended from outside of its handler. */
  ended(reason: StatusError): void {
    this.#reason = reason;
    this.#abortion?.abort(reason);
  }
}

function peerOf(transport: ServerInterceptingCallInterface): Peer {
  const { remoteAddress, remotePort } = transport.getConnectionInfo();
  const secure = transport.getAuthContext().transportSecurityType === 'ssl';
  if (remoteAddress === undefined) return { address: 'unknown', loopback: false, secure };
  const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress;
  const loopback = /^(::ffff:)?127\.|^::1$/.test(remoteAddress);
  return { address: `${host}:${remotePort}`, loopback, secure };
}
