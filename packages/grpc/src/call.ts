/** One call as its handler sees it, whatever transport carries it. */
import type { Ending } from './ending.ts';
import type { Metadata } from './metadata.ts';
import type { StatusError } from './status-error.ts';

export interface Peer {
  /** `host:port`, or the path of a Unix socket. */
  readonly address: string;
  /** The peer is on this machine. */
  readonly loopback: boolean;
  /** The connection is TLS. */
  readonly secure: boolean;
  /** That the client presented and an authority of the server's vouches for; undefined when it presented none. */
  readonly certificate?: ClientCertificate | undefined;
}

export interface ClientCertificate {
  /** Of its subject; empty without one. */
  readonly commonName: string;
  /** Each with its kind, such as `URI:spiffe://example.org/orders` and `DNS:orders`. */
  readonly subjectAltNames: readonly string[];
  /** SHA-256 of the certificate, as hexadecimal pairs with colons. */
  readonly fingerprint256: string;
}

/** Who is calling. Anonymous until an authentication interceptor says otherwise. */
export interface Principal {
  readonly name: string;
  readonly scopes: readonly string[];
}

export const anonymous: Principal = { name: 'anonymous', scopes: [] };

export interface Call {
  /** `/package.Service/Method`. */
  readonly method: string;
  readonly metadata: Metadata;
  /** Sent with the first message; not when the call ends before one. */
  readonly headers: Metadata;
  /** Sent with the status, when the call ends, whether it succeeded or failed. */
  readonly trailers: Metadata;
  /** Epoch milliseconds after which nobody waits for the answer; undefined when the client set none. */
  readonly deadline: number | undefined;
  /**
   * Aborts when the client cancels, its deadline passes, its connection is lost, or the server stops by force.
   * `signal.reason` is the StatusError of that outcome. Handlers pass it to everything they wait for. Made when it is
   * first asked for.
   */
  readonly signal: AbortSignal;
  /** The same as `signal` at no cost, for what takes an Ending. */
  readonly ending: Ending;
  readonly peer: Peer;
  /**
   * Ends the call at once with this failure. For what a handler cannot do by throwing: it does not run while its stream
   * waits for a reader that does not read.
   */
  abort(reason: StatusError): void;
  /** Set by an authentication interceptor, before it proceeds. */
  principal: Principal;
}
