/** A port whose calls to its driver are seen by observers: metrics, traces. Behaviour and results stay the driver's. */

export interface DriverCall {
  /** `cache`, `broker`, ... */
  readonly port: string;
  /** `embedded`, `redis`, ... */
  readonly driver: string;
  /** Name of the port's method. */
  readonly operation: string;
}

/**
 * Called as a driver call starts; what it returns is called once with the failure, or with undefined on success. All
 * calls of one method of a port come with the same object. Must not throw.
 */
export type DriverObserver = (call: DriverCall) => (failure: unknown) => void;

interface Port extends AsyncDisposable {
  readonly capabilities: object;
}

/** The same port with each of its methods observed. All of them return promises; closing is no call. */
export function observedPort<P extends Port>(
  names: Pick<DriverCall, 'port' | 'driver'>,
  port: P,
  observe: DriverObserver,
): P {
  const methods = methodsOf(port).map((operation) => {
    const method = Reflect.get(port, operation) as (...args: unknown[]) => Promise<unknown>;
    return [operation, observedMethod(method.bind(port), { ...names, operation }, observe)];
  });
  return {
    ...Object.fromEntries(methods),
    get capabilities() {
      return port.capabilities;
    },
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
}

function observedMethod(
  method: (...args: unknown[]) => Promise<unknown>,
  call: DriverCall,
  observe: DriverObserver,
) {
  return async (...args: unknown[]) => {
    const ended = observe(call);
    let result: unknown;
    try {
      result = await method(...args);
    } catch (error) {
      ended(error ?? new Error('rejected without a reason'));
      throw error;
    }
    ended(undefined);
    return result;
  };
}

function methodsOf(port: object): string[] {
  const names = new Set<string>();
  for (let at = port; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name !== 'constructor' && typeof Reflect.get(port, name) === 'function') names.add(name);
    }
  }
  return [...names];
}
