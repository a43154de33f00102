/** Functions around the calls of a channel: the counterpart of the server's interceptors. */
import type { CallOptions, Channel } from '../client.ts';
import { Metadata } from '../metadata.ts';
import type { MethodDefinition } from '../method.ts';
import { StatusError } from '../status-error.ts';

/** A call as its caller's side sees it. */
export interface ClientCallContext {
  /** `/package.Service/Method`. */
  readonly method: string;
  /** Sent with the call; may be added to before it proceeds. A copy of what the caller gave. */
  readonly metadata: Metadata;
  readonly signal: AbortSignal | undefined;
  /** From the beginning of the call; undefined when it has no deadline. */
  readonly timeoutMs: number | undefined;
}

/**
 * Runs around a whole call. `proceed()` begins it, once; it resolves when the call succeeded (a stream: when its last
 * response was taken, or its reader has left) and rejects with its StatusError. An interceptor may refuse by throwing before
 * it proceeds, and map the error that proceeding threw. It never sees messages.
 */
export type ClientInterceptor = (call: ClientCallContext, proceed: () => Promise<void>) => Promise<void>;

/** The first interceptor is the outermost. */
export function interceptChannel(channel: Channel, interceptors: readonly ClientInterceptor[]): Channel {
  return interceptors.reduceRight<Channel>(
    (inner, interceptor) => new Intercepted(inner, interceptor),
    channel,
  );
}

class Intercepted implements Channel {
  readonly #inner: Channel;
  readonly #interceptor: ClientInterceptor;

  constructor(inner: Channel, interceptor: ClientInterceptor) {
    this.#inner = inner;
    this.#interceptor = interceptor;
  }

  async unary<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    const call = contextOf(method, options);
    let response: { readonly value: Response } | undefined;
    await this.#interceptor(call, async () => {
      response = { value: await this.#inner.unary(method, request, { ...options, metadata: call.metadata }) };
    });
    if (!response) throw withoutProceeding(method);
    return response.value;
  }

  async *stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    requests: AsyncIterable<Request>,
    options: CallOptions,
  ): AsyncGenerator<Response, undefined> {
    const call = contextOf(method, options);
    const over = deferred();
    const begun = deferred();
    const around = this.#interceptor(call, () => {
      begun.resolve();
      return over.promise;
    });
    around.then(() => begun.reject(withoutProceeding(method)), begun.reject);
    await begun.promise;
    try {
      yield* this.#inner.stream(method, requests, { ...options, metadata: call.metadata });
    } catch (error) {
      over.reject(error);
      throw error;
    } finally {
      over.resolve();
      // What it throws is what the call fails with.
      await around;
    }
  }

  ready(timeoutMs: number): Promise<void> {
    return this.#inner.ready(timeoutMs);
  }

  close(): void {
    this.#inner.close();
  }
}

function contextOf<Request, Response>(
  method: MethodDefinition<Request, Response>,
  { metadata, signal, timeoutMs }: CallOptions,
): ClientCallContext {
  const copy = new Metadata();
  for (const [key, values] of metadata ?? []) for (const value of values) copy.add(key, value);
  return { method: method.path, metadata: copy, signal, timeoutMs };
}

function withoutProceeding({ path }: { readonly path: string }): StatusError {
  return new StatusError('INTERNAL', `an interceptor let ${path} end without a response`);
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

function deferred(): Deferred {
  let settle: Omit<Deferred, 'promise'> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Nobody need wait for it.
  promise.catch(() => {});
  return { promise, ...settle };
}
