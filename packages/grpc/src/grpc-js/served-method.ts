/** What is the same for all calls of a method that a server offers. */
import type { Call } from '../call.ts';
import type { Interceptor } from '../interceptor.ts';

export interface ServedMethod {
  readonly around: Interceptor;
  /** Calls the handler with its request, given as bytes, or with the stream of its requests. */
  readonly invoke: (input: unknown, call: Call) => unknown;
  /** Throws when the response is too large to be sent. */
  readonly encode: (response: unknown) => Uint8Array;
}
