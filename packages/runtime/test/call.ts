/** A call as data, for tests of what stands around calls. */
import { anonymous, type Call, CallEnding, Metadata } from '@connections/grpc';

export function testCall(changes: Partial<Call> = {}): Call {
  const ending = new CallEnding();
  return {
    method: '/test.Service/Call',
    metadata: new Metadata(),
    headers: new Metadata(),
    trailers: new Metadata(),
    deadline: undefined,
    signal: ending.signal,
    ending: changes.signal ?? ending,
    peer: { address: '127.0.0.1:1', loopback: true, secure: false },
    abort: () => {},
    principal: anonymous,
    ...changes,
  };
}
