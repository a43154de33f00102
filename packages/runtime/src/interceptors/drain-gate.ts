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
    interceptor: (_, proceed) => (closed ? Promise.reject(failure('SHUTTING_DOWN', {})) : proceed()),
    close: () => {
      closed = true;
    },
  };
}
