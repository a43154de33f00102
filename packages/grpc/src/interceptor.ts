/** Functions around calls: the same shape for unary calls and streams. */
import type { Call } from './call.ts';

/**
 * Runs around a whole call. `proceed()` resolves when the handler has answered (a stream: when its last message was
 * taken) and rejects with what it threw. An interceptor may refuse by throwing before it proceeds, map the error that
 * proceeding threw, or set trailers. It never sees messages, so it can log no payload.
 */
export type Interceptor = (call: Call, proceed: () => Promise<void>) => Promise<void>;

/** One interceptor out of several; the first is the outermost. */
export function chain(interceptors: readonly Interceptor[]): Interceptor {
  return (call, proceed) => {
    const run = (index: number): Promise<void> => {
      const interceptor = interceptors[index];
      return interceptor ? interceptor(call, () => run(index + 1)) : proceed();
    };
    return run(0);
  };
}
