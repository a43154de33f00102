/** What is the same for all calls of a method that a server offers. */
import type { Interceptor } from '../interceptor.ts';
import type { Exchange } from './exchange.ts';

export interface ServedMethod {
  readonly around: Interceptor;
  /** Calls the handler with the request of the exchange, or with the stream of its requests. */
  readonly invoke: (exchange: Exchange, requests: unknown) => unknown;
  /** Throws when the response is too large to be sent. */
  readonly encode: (response: unknown) => Uint8Array;
}
