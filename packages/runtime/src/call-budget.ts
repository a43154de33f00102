/** The time that a call to a driver may take: it ends when that is up, or with its caller. */
import { setMaxListeners } from 'node:events';
import { CallEnding, type Ending } from '@connections/grpc';
import type { Clock } from './clock.ts';
import { failure } from './errors/failure.ts';
import { Limited, TimeLimits } from './time-limits.ts';
import { type PortMethod, type WrappablePort, wrappedPort } from './wrapped-port.ts';

export interface CallBudget {
  readonly clock: Clock;
  readonly limitMs: number;
}

const tickMs = 20;

/**
 * The port with every call bounded. A driver does nothing about time but to obey the ending that it is given: it rejects
 * with its reason, or says of a write that it sent that nobody knows.
 */
export function budgetedPort<P extends WrappablePort>(
  store: string,
  port: P,
  { clock, limitMs }: CallBudget,
): P {
  const limits = new TimeLimits(clock, tickMs);
  const timeout = () => failure('STORE_TIMEOUT', { store, ms: limitMs });
  return wrappedPort(port, (_, method) =>
    boundedMethod(method, timeout, (call) => limits.open(call, limitMs)),
  );
}

function boundedMethod(
  method: PortMethod,
  timeout: () => Error,
  limit: (call: BudgetedCall) => void,
): PortMethod {
  return async (...args) => {
    const caller = args.pop() as Ending;
    caller.throwIfAborted();
    const call = new BudgetedCall(caller, timeout);
    limit(call);
    try {
      return await method(...args, call.ending);
    } finally {
      call.end();
    }
  };
}

class BudgetedCall extends Limited {
  readonly ending = new CallEnding();
  readonly #caller: Ending;
  readonly #timeout: () => Error;
  readonly #leave = () => this.ending.abort(this.#caller.reason);

  constructor(caller: Ending, timeout: () => Error) {
    super();
    this.#caller = caller;
    this.#timeout = timeout;
    // A caller may share one among many calls; Node would take the eleventh for a leak.
    if (caller instanceof AbortSignal) setMaxListeners(0, caller);
    caller.addEventListener('abort', this.#leave);
  }

  override over(): void {
    this.ending.abort(this.#timeout());
  }

  end(): void {
    this.close();
    this.#caller.removeEventListener('abort', this.#leave);
  }
}
