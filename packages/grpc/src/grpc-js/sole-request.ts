/** The request of a method that takes exactly one. */
import { requestCardinality } from '../transport-failures.ts';
import type { RequestReceiver, ServerExchange } from './server-exchange.ts';

export class SoleRequest implements RequestReceiver {
  readonly #exchange: ServerExchange;
  readonly #run: (exchange: ServerExchange, bytes: Uint8Array) => void;
  #received = false;

  constructor(exchange: ServerExchange, run: (exchange: ServerExchange, bytes: Uint8Array) => void) {
    this.#exchange = exchange;
    this.#run = run;
  }

  begin(): void {
    this.#exchange.read();
  }

  /** Does not wait for the half-close, which mostly is in the same frame: a second message ends the running call. */
  message(bytes: Uint8Array): void {
    if (this.#received) {
      this.#exchange.abort(requestCardinality('more than one'));
      return;
    }
    this.#received = true;
    this.#exchange.read();
    this.#run(this.#exchange, bytes);
  }

  halfClose(): void {
    if (!this.#received) this.#exchange.abort(requestCardinality('no'));
  }

  abort(): void {}
}
