/** The request of a method that takes exactly one; the same receiver for all its calls. */
import { requestCardinality } from '../transport-failures.ts';
import type { Exchange, RequestReceiver } from './exchange.ts';

export class SoleRequest implements RequestReceiver {
  readonly #run: (exchange: Exchange) => void;

  constructor(run: (exchange: Exchange) => void) {
    this.#run = run;
  }

  begin(exchange: Exchange): void {
    exchange.read();
  }

  /** Does not wait for the half-close, which mostly is in the same frame: a second message ends the running call. */
  message(exchange: Exchange, bytes: Uint8Array): void {
    if (!exchange.keepSoleRequest(bytes)) {
      exchange.abort(requestCardinality('more than one'));
      return;
    }
    exchange.read();
    this.#run(exchange);
  }

  halfClose(exchange: Exchange): void {
    if (!exchange.hasSoleRequest) exchange.abort(requestCardinality('no'));
  }

  abort(): void {}
}
