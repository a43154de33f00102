/** Refuses new calls once the service stops; open ones go on. */
import { failure } from '../errors/failure.ts';
import type { CallStage } from './call-stages.ts';

export interface DrainGate {
  readonly stage: CallStage;
  close(): void;
}

export function createDrainGate(): DrainGate {
  let closed = false;
  const begin = () => {
    if (closed) throw failure('SHUTTING_DOWN', {});
  };
  return {
    stage: { begin },
    close: () => {
      closed = true;
    },
  };
}
