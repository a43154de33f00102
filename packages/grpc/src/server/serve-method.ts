/** Runs the handler of a method, of any of the four shapes, for calls that arrive. */
import type { Call } from '../call.ts';
import type { Interceptor } from '../interceptor.ts';
import type { AnyMethod } from '../method.ts';
import { malformedRequest, responseTooLarge } from '../transport-failures.ts';
import { answerOnce } from './answer-once.ts';
import { answerStream } from './answer-stream.ts';
import type { Exchange, RequestReceiver } from './exchange.ts';
import { RequestStream } from './request-stream.ts';
import type { ServedMethod } from './served-method.ts';
import { SoleRequest } from './sole-request.ts';

/** A handler whose messages are not known; which of them it takes and gives stands in its method. */
type AnyHandler = (input: unknown, call: Call) => unknown;

/** Begins to serve a call: gives what takes its requests. */
export type ServeMethod = (exchange: Exchange) => RequestReceiver;

export function serveMethod(
  method: AnyMethod,
  handler: AnyHandler,
  around: Interceptor,
  maxMessageBytes: number,
): ServeMethod {
  const decode = (bytes: Uint8Array): unknown => {
    try {
      return method.request.decode(bytes);
    } catch (error) {
      throw malformedRequest(method.path, error);
    }
  };
  const served: ServedMethod = {
    around,
    invoke: method.requestStream
      ? ({ context }, requests) => handler(requests, context)
      : (exchange) => handler(decode(exchange.takeSoleRequest()), exchange.context),
    encode: (response) => {
      const bytes = method.response.encode(response);
      if (bytes.length > maxMessageBytes) throw responseTooLarge(bytes.length, maxMessageBytes);
      return bytes;
    },
  };
  const answer = method.responseStream ? answerStream : answerOnce;
  const run = (exchange: Exchange, requests?: RequestStream<unknown>) =>
    void answer(exchange, served, requests);
  if (method.requestStream) return (exchange) => new RequestStream(exchange, decode, run);
  const sole = new SoleRequest(run);
  return () => sole;
}
