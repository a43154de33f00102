/** A port whose every call goes to the other of two drivers, which are to be as one. */

export function alternatingPort<Port extends object>(first: Port, second: Port): Port {
  let calls = 0;
  return new Proxy(first, {
    get(_, name) {
      const port = calls++ % 2 === 0 ? first : second;
      const member: unknown = Reflect.get(port, name, port);
      // Private fields are out of a proxy's reach.
      return typeof member === 'function' ? member.bind(port) : member;
    },
  });
}
