/** Typed clients over a channel, whatever transport the channel is. */
import type { Metadata } from './metadata.ts';
import type { AnyMethod, MethodDefinition, Partially, ServiceDefinition } from './method.ts';

export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** From now; DEADLINE_EXCEEDED after it. @default none */
  readonly timeoutMs?: number;
  readonly metadata?: Metadata;
  /** Waits while no server can be reached, for no longer than `timeoutMs`, instead of failing with UNAVAILABLE. @default false */
  readonly waitForReady?: boolean;
  /** Called once with the initial metadata of the server, before its first message; not when it sent a status alone. */
  readonly onHeaders?: (headers: Metadata) => void;
  /** Called once with the trailers of the server, before the call resolves, ends or rejects. */
  readonly onTrailers?: (trailers: Metadata) => void;
}

export interface Channel {
  /** Sends one request and resolves with the one response. Rejects with a StatusError. */
  unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response>;
  /**
   * Any other shape. Requests are pulled as the transport takes them; responses are read ahead no further than the
   * flow-control window. Leaving the loop early cancels the call.
   */
  stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ): AsyncIterable<Response>;
  /** Resolves when the server can be reached; rejects with UNAVAILABLE after `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;
  close(): void;
}

type ClientMethod<Method> =
  Method extends MethodDefinition<infer Request, infer Response, infer RequestStream, infer ResponseStream>
    ? RequestStream extends true
      ? ResponseStream extends true
        ? (requests: AsyncIterable<Partially<Request>>, options?: CallOptions) => AsyncIterable<Response>
        : (requests: AsyncIterable<Partially<Request>>, options?: CallOptions) => Promise<Response>
      : ResponseStream extends true
        ? (request: Partially<Request>, options?: CallOptions) => AsyncIterable<Response>
        : (request: Partially<Request>, options?: CallOptions) => Promise<Response>
    : never;

export type Client<Service extends ServiceDefinition> = {
  readonly [Name in keyof Service['methods']]: ClientMethod<Service['methods'][Name]>;
};

export function createClient<Service extends ServiceDefinition>(
  service: Service,
  channel: Channel,
): Client<Service> {
  const methods = Object.entries(service.methods).map(([name, method]) => [
    name,
    clientMethod(method, channel),
  ]);
  return Object.fromEntries(methods) as Client<Service>;
}

function clientMethod(method: AnyMethod, channel: Channel) {
  if (!method.requestStream && !method.responseStream) {
    return (request: object, options: CallOptions = {}) =>
      channel.unary(method, method.request.create(request), options);
  }
  return (input: object, options: CallOptions = {}) => {
    const requests = method.requestStream ? (input as AsyncIterable<object>) : once(input);
    const responses = channel.stream(method, completed(requests, method), options);
    return method.responseStream ? responses : only(responses);
  };
}

async function* once<T>(item: T): AsyncIterable<T> {
  yield item;
}

async function* completed(partials: AsyncIterable<object>, method: AnyMethod): AsyncIterable<unknown> {
  for await (const partial of partials) yield method.request.create(partial);
}

async function only<T>(responses: AsyncIterable<T>): Promise<T> {
  let last: { readonly value: T } | undefined;
  for await (const value of responses) last = { value };
  // A client stream that ended OK has exactly one response: the transport rejects anything else.
  return (last as { readonly value: T }).value;
}
