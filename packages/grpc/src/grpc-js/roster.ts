/** The calls that are open on a server. */
import type { ServerExchange } from './server-exchange.ts';

/**
 * No Set: one that is added to and deleted from all the time copies itself to a new table again and again, and V8's
 * scavenger takes what a left-behind table in the old generation points to for alive. Whole calls, long over, were
 * promoted with it: a quarter of the cost of a small call.
 */
export class OpenExchanges implements Iterable<ServerExchange> {
  /** Each knows its place. */
  readonly #exchanges: ServerExchange[] = [];

  get size(): number {
    return this.#exchanges.length;
  }

  add(exchange: ServerExchange): void {
    exchange.place = this.#exchanges.length;
    this.#exchanges.push(exchange);
  }

  /** Puts the last one in its place. */
  delete(exchange: ServerExchange): void {
    const { place } = exchange;
    if (this.#exchanges[place] !== exchange) return;
    const last = this.#exchanges.pop();
    if (!last || last === exchange) return;
    last.place = place;
    this.#exchanges[place] = last;
  }

  /** Those that are open now, whatever happens to them on the way. */
  [Symbol.iterator](): Iterator<ServerExchange> {
    return [...this.#exchanges][Symbol.iterator]();
  }
}
