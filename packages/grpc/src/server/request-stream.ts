/** The requests of a client or bidi stream as an async iterable; each is read from the wire when it is asked for. */

import { PullQueue } from '../pull-queue.ts';
import type { StatusError } from '../status-error.ts';
import type { Exchange, RequestReceiver } from './exchange.ts';

export class RequestStream<Request> implements RequestReceiver, AsyncIterableIterator<Request, undefined> {
  readonly #exchange: Exchange;
  readonly #decode: (bytes: Uint8Array) => Request;
  readonly #run: (exchange: Exchange, requests: RequestStream<Request>) => void;
  readonly #queue: PullQueue<Request>;

  constructor(
    exchange: Exchange,
    decode: (bytes: Uint8Array) => Request,
    run: (exchange: Exchange, requests: RequestStream<Request>) => void,
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

  message(_exchange: Exchange, bytes: Uint8Array): void {
    try {
      this.#queue.push(this.#decode(bytes));
    } catch (error) {
      this.#queue.end(error);
    }
  }

  /** A request that was cut short must not pass for a complete one. */
  halfClose(exchange: Exchange): void {
    exchange.onceComplete(() => this.#queue.end());
  }

  abort(reason: StatusError): void {
    this.#queue.end(reason);
  }
}
