/** A port with something around each of its methods. Capabilities and closing stay the driver's. */

export interface WrappablePort extends AsyncDisposable {
  readonly capabilities: object;
}

/** All methods of a port but closing return promises and take the call's signal last. */
export type PortMethod = (...args: unknown[]) => Promise<unknown>;

export function wrappedPort<P extends WrappablePort>(
  port: P,
  wrap: (operation: string, method: PortMethod) => PortMethod,
): P {
  const methods = methodsOf(port).map((operation) => {
    const method = Reflect.get(port, operation) as PortMethod;
    return [operation, wrap(operation, method.bind(port))];
  });
  return {
    ...Object.fromEntries(methods),
    get capabilities() {
      return port.capabilities;
    },
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
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
