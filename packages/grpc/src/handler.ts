/**
 * The four shapes of a handler. A handler resolves or ends for OK and throws a StatusError for anything else.
 *
 * Streams are driven by demand. Of a response stream, the next message is asked for only when the transport has
 * taken the one before (HTTP/2 flow control included), so a slow reader holds at most one message in this process;
 * code after a `yield` therefore knows that the message has left. When the call is aborted the transport calls
 * `return()` on the iterator, so `finally` blocks run. Of a request stream, the transport reads ahead no further
 * than its flow-control window.
 */
import type { Call } from './call.ts';
import type { MethodDefinition, ServiceDefinition } from './method.ts';

export type UnaryHandler<Request, Response> = (request: Request, call: Call) => Promise<Response>;
export type ServerStreamHandler<Request, Response> = (
  request: Request,
  call: Call,
) => AsyncIterable<Response>;
export type ClientStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: Call,
) => Promise<Response>;
export type BidiStreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: Call,
) => AsyncIterable<Response>;

export type Handler<Method> =
  Method extends MethodDefinition<infer Request, infer Response, infer RequestStream, infer ResponseStream>
    ? RequestStream extends true
      ? ResponseStream extends true
        ? BidiStreamHandler<Request, Response>
        : ClientStreamHandler<Request, Response>
      : ResponseStream extends true
        ? ServerStreamHandler<Request, Response>
        : UnaryHandler<Request, Response>
    : never;

/** One handler for every method of a service. */
export type Handlers<Service extends ServiceDefinition> = {
  readonly [Name in keyof Service['methods']]: Handler<Service['methods'][Name]>;
};
