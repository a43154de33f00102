/** Refuses new calls once the service stops; open ones go on. */
import type { Interceptor } from '@connections/grpc';
import { failure } from '../errors/failure.ts';

export interface DrainGate {
  readonly interceptor: Interceptor;
  close(): void;
}

export function createDrainGate(): DrainGate {
  let closed = false;
  return {
    interceptor: async (_, proceed) => {
      if (closed) throw failure('SHUTTING_DOWN', {});
      await proceed();
    },
    close: () => {
      closed = true;
    },
  };
}
