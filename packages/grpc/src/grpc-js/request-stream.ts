/** The requests of a client or bidi stream as an async iterable; each is read from the wire when it is asked for. */
import type { StatusError } from '../status-error.ts';
import { PullQueue } from './pull-queue.ts';
import type { RequestReceiver, ServerExchange } from './server-exchange.ts';

export class RequestStream<Request> implements RequestReceiver, AsyncIterableIterator<Request, undefined> {
  readonly #exchange: ServerExchange;
  readonly #decode: (bytes: Uint8Array) => Request;
  readonly #run: (exchange: ServerExchange, requests: RequestStream<Request>) => void;
  readonly #queue: PullQueue<Request>;

  constructor(
    exchange: ServerExchange,
    decode: (bytes: Uint8Array) => Request,
    run: (exchange: ServerExchange, requests: RequestStream<Request>) => void,
  ) {
    this.#exchange = exchange;
    this.#decode = decode;
    this.#run = run;
    this.#queue = new PullQueue(() => exchange.read());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Request, undefined>> {
    return this.#queue.next();
  }

  /** The handler needs no more requests; the call goes on. */
  async return(): Promise<IteratorResult<Request, undefined>> {
    this.#queue.end();
    return { done: true, value: undefined };
  }

  begin(): void {
    this.#run(this.#exchange, this);
  }

  message(bytes: Uint8Array): void {
    try {
      this.#queue.push(this.#decode(bytes));
    } catch (error) {
      this.#queue.end(error);
    }
  }

  /**
   * Lets the event loop poll once more. To cancel a call, node:http2 clients, grpc-js's too, end the stream and reset
   * it right after: a request that was cut short must not pass for a complete one.
   */
  halfClose(): void {
    setImmediate(() => setImmediate(() => this.#queue.end()));
  }

  abort(reason: StatusError): void {
    this.#queue.end(reason);
  }
}
