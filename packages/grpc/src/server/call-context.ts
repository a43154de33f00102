/** What a handler sees of a call, whatever transport it came by. Whatever few handlers ask for is made when asked for. */
import { anonymous, type Call, type Peer, type Principal } from '../call.ts';
import { CallEnding } from '../ending.ts';
import { Metadata } from '../metadata.ts';
import type { StatusError } from '../status-error.ts';

/** Who knows the rest of the call. */
export interface CallSource {
  receivedMetadata(): Metadata;
  peer(): Peer;
  abort(reason: StatusError): void;
}

export class CallContext implements Call {
  readonly method: string;
  readonly deadline: number | undefined;
  principal: Principal = anonymous;
  readonly #source: CallSource;
  #metadata: Metadata | undefined;
  #headers: Metadata | undefined;
  #trailers: Metadata | undefined;
  #ending: CallEnding | undefined;

  constructor(method: string, deadline: number | undefined, source: CallSource) {
    this.method = method;
    this.deadline = deadline;
    this.#source = source;
  }

  get metadata(): Metadata {
    this.#metadata ??= this.#source.receivedMetadata();
    return this.#metadata;
  }

  get headers(): Metadata {
    this.#headers ??= new Metadata();
    return this.#headers;
  }

  get trailers(): Metadata {
    this.#trailers ??= new Metadata();
    return this.#trailers;
  }

  /** Undefined when nobody asked for them. */
  get usedHeaders(): Metadata | undefined {
    return this.#headers;
  }

  /** Undefined when nobody asked for them. */
  get usedTrailers(): Metadata | undefined {
    return this.#trailers;
  }

  get ending(): CallEnding {
    this.#ending ??= new CallEnding();
    return this.#ending;
  }

  /** Why the call has ended from outside of its handler, if it has. */
  get endReason(): unknown {
    return this.#ending?.reason;
  }

  /** Throws why the call has ended from outside of its handler, if it has. */
  throwIfEnded(): void {
    this.#ending?.throwIfAborted();
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get peer(): Peer {
    return this.#source.peer();
  }

  abort(reason: StatusError): void {
    this.#source.abort(reason);
  }
}
