/** A call as data, for tests of what stands around calls. */
import { anonymous, type Call, Metadata } from '@connections/grpc';

export function testCall(changes: Partial<Call> = {}): Call {
  return {
    method: '/test.Service/Call',
    metadata: new Metadata(),
    trailers: new Metadata(),
    deadline: undefined,
    signal: new AbortController().signal,
    peer: { address: '127.0.0.1:1', loopback: true, secure: false },
    abort: () => {},
    principal: anonymous,
    ...changes,
  };
}
