/** The time that a call to a driver may take: its signal aborts when that is up, or with the caller's. */
import type { Clock } from './clock.ts';
import { failure } from './errors/failure.ts';
import { OpenItem, OpenList } from './open-list.ts';
import { type PortMethod, type WrappablePort, wrappedPort } from './wrapped-port.ts';

export interface CallBudget {
  readonly clock: Clock;
  readonly limitMs: number;
}

/** How late a signal may abort. One timer for all open calls: a timer or a listener for each costs more than the rest. */
const tickMs = 20;
/**
 * What one tick counts at most. A busy event loop makes every tick late, and the budget holds all the same; neither a clock
 * that is set nor a loop that was held is laid to a store's charge.
 */
const mostOfTickMs = 5 * tickMs;

/**
 * The port with every call bounded. A driver does nothing about time but to obey its signal: it rejects with the
 * signal's reason, or says of a write that it sent that nobody knows.
 */
export function budgetedPort<P extends WrappablePort>(store: string, port: P, budget: CallBudget): P {
  const open = new OpenCalls(store, budget);
  return wrappedPort(port, (_, method) => boundedMethod(method, open));
}

function boundedMethod(method: PortMethod, open: OpenCalls): PortMethod {
  return async (...args) => {
    const caller = args.pop() as AbortSignal;
    caller.throwIfAborted();
    const call = open.begin(caller);
    try {
      return await method(...args, call.controller.signal);
    } finally {
      call.close();
    }
  };
}

class OpenCall extends OpenItem {
  readonly caller: AbortSignal;
  readonly controller = new AbortController();
  /** In the time of `OpenCalls`. */
  readonly untilMs: number;

  constructor(caller: AbortSignal, untilMs: number) {
    super();
    this.caller = caller;
    this.untilMs = untilMs;
  }
}

class OpenCalls {
  readonly #store: string;
  readonly #budget: CallBudget;
  readonly #calls = new OpenList<OpenCall>();
  /** What the ticks have counted, and when the last of them was. */
  #countedMs = 0;
  #countedAt = 0;
  #ticking = false;

  constructor(store: string, budget: CallBudget) {
    this.#store = store;
    this.#budget = budget;
  }

  begin(caller: AbortSignal): OpenCall {
    if (!this.#ticking) this.#nextTick();
    const untilMs = this.#countedMs + this.#uncountedMs + this.#budget.limitMs;
    const call = new OpenCall(caller, untilMs);
    this.#calls.open(call);
    return call;
  }

  #nextTick(): void {
    this.#ticking = true;
    this.#countedAt = this.#budget.clock.now();
    this.#budget.clock.after(tickMs, () => {
      this.#countedMs += this.#uncountedMs;
      for (const call of this.#calls) this.#check(call);
      this.#ticking = false;
      if (!this.#calls.isEmpty) this.#nextTick();
    });
  }

  get #uncountedMs(): number {
    const ms = this.#budget.clock.now() - this.#countedAt;
    return Math.min(Math.max(ms, 0), mostOfTickMs);
  }

  #check({ caller, controller, untilMs }: OpenCall): void {
    if (caller.aborted) {
      controller.abort(caller.reason);
    } else if (this.#countedMs > untilMs) {
      const { limitMs } = this.#budget;
      controller.abort(failure('STORE_TIMEOUT', { store: this.#store, ms: limitMs }));
    }
  }
}
