/** Runs the handler of a method, of any of the four shapes, for calls that arrive. */
import type { Call } from '../call.ts';
import type { Interceptor } from '../interceptor.ts';
import type { AnyMethod, MessageCodec } from '../method.ts';
import { malformedRequest, responseTooLarge } from '../transport-failures.ts';
import { answerOnce } from './answer-once.ts';
import { answerStream } from './answer-stream.ts';
import { RequestStream } from './request-stream.ts';
import type { RequestReceiver, ServerExchange } from './server-exchange.ts';
import { SoleRequest } from './sole-request.ts';

/** A handler whose messages are not known; which of them it takes and gives stands in its method. */
export type AnyHandler = (input: unknown, call: Call) => unknown;

/** Encodes a response, refusing one that is too large to be sent. */
export type Encode = (response: unknown) => Uint8Array;

export interface Invocation {
  readonly around: Interceptor;
  readonly encode: Encode;
  /** Calls the handler. Throws when the request cannot be decoded. */
  invoke(): unknown;
}

export type ServeMethod = (exchange: ServerExchange) => RequestReceiver;

export function serveMethod(
  method: AnyMethod,
  handler: AnyHandler,
  around: Interceptor,
  maxMessageBytes: number,
): ServeMethod {
  const encode = limitedEncode(method.response, maxMessageBytes);
  const decode = (bytes: Uint8Array): unknown => {
    try {
      return method.request.decode(bytes);
    } catch (error) {
      throw malformedRequest(method.path, error);
    }
  };
  const answer = method.responseStream ? answerStream : answerOnce;
  const run = (exchange: ServerExchange, invoke: Invocation['invoke']) => {
    void answer(exchange, { around, encode, invoke });
  };

  if (method.requestStream) {
    return (exchange) =>
      new RequestStream(exchange, decode, (requests) =>
        run(exchange, () => handler(requests, exchange.context)),
      );
  }
  return (exchange) =>
    new SoleRequest(exchange, (bytes) => run(exchange, () => handler(decode(bytes), exchange.context)));
}

function limitedEncode(codec: MessageCodec<unknown>, maxMessageBytes: number): Encode {
  return (response) => {
    const bytes = codec.encode(response);
    if (bytes.length > maxMessageBytes) throw responseTooLarge(bytes.length, maxMessageBytes);
    return bytes;
  };
}
