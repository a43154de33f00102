/** A port whose calls to its driver are seen by observers: metrics, traces. Behaviour and results stay the driver's. */
import { type PortMethod, type WrappablePort, wrappedPort } from './wrapped-port.ts';

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

/** The same port with each of its methods observed. Closing is no call. */
export function observedPort<P extends WrappablePort>(
  names: Pick<DriverCall, 'port' | 'driver'>,
  port: P,
  observe: DriverObserver,
): P {
  return wrappedPort(port, (operation, method) => observedMethod(method, { ...names, operation }, observe));
}

function observedMethod(method: PortMethod, call: DriverCall, observe: DriverObserver): PortMethod {
  return async (...args) => {
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
