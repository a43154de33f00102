/** The calls that are open on a server, from their arrival until their stream is closed and their handler has ended. */
import { Deadlines } from '../deadlines.ts';
import { Roster } from '../roster.ts';
import { SendBudget } from '../send-budget.ts';
import type { ServerOptions } from '../server.ts';
import type { StatusError } from '../status-error.ts';
import { type Clock, monotonicClock } from '../timer.ts';
import type { Exchange, ExchangeSettings } from './exchange.ts';

export class OpenCalls implements ExchangeSettings {
  readonly budget: SendBudget;
  readonly deadlines: Deadlines;
  readonly #open = new Roster<Exchange>();
  #onIdle: (() => void) | undefined;

  constructor(options: ServerOptions, clock: Clock = monotonicClock) {
    this.deadlines = new Deadlines(clock);
    this.budget = new SendBudget({
      maxBytes: options.maxUnsentBytes ?? 268_435_456,
      stalledMs: options.stalledStreamMs ?? 30_000,
      clock,
    });
  }

  onBegin(exchange: Exchange): void {
    this.#open.add(exchange);
  }

  onOver(exchange: Exchange): void {
    this.#open.delete(exchange);
    if (this.#open.size === 0) this.#onIdle?.();
  }

  abortAll(reason: StatusError): void {
    for (const exchange of this.#open) exchange.abort(reason);
  }

  /** Resolves when none is open. For one waiter. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#onIdle = resolve;
    });
  }
}
