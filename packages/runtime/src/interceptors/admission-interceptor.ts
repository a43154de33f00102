/** Bounds what is in progress at once, so that a flood is refused early instead of slowing everyone. */
import type { Interceptor } from '@connections/grpc';
import { failure } from '../errors/failure.ts';

export interface AdmissionOptions {
  readonly maxCalls: number;
  readonly maxStreams: number;
  /** Paths of the rpcs that stream. */
  readonly streams: ReadonlySet<string>;
}

export function admissionInterceptor({ maxCalls, maxStreams, streams }: AdmissionOptions): Interceptor {
  const open = { calls: 0, streams: 0 };
  return async (call, proceed) => {
    const kind = streams.has(call.method) ? 'streams' : 'calls';
    if (kind === 'calls' && open.calls >= maxCalls) throw failure('TOO_MANY_CALLS', { limit: maxCalls });
    if (kind === 'streams' && open.streams >= maxStreams) {
      throw failure('TOO_MANY_STREAMS', { limit: maxStreams });
    }
    open[kind] += 1;
    try {
      await proceed();
    } finally {
      open[kind] -= 1;
    }
  };
}
