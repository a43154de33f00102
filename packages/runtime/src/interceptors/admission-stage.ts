/** Bounds what is in progress at once, so that a flood is refused early instead of slowing everyone. */
import { failure } from '../errors/failure.ts';
import type { CallStage } from './call-stages.ts';

export interface AdmissionOptions {
  readonly maxCalls: number;
  readonly maxStreams: number;
  /** Paths of the rpcs that stream. */
  readonly streams: ReadonlySet<string>;
}

export function admissionStage({ maxCalls, maxStreams, streams }: AdmissionOptions): CallStage {
  const open = { calls: 0, streams: 0 };
  return {
    begin({ call }) {
      if (streams.has(call.method)) {
        if (open.streams >= maxStreams) throw failure('TOO_MANY_STREAMS', { limit: maxStreams });
        open.streams += 1;
      } else {
        if (open.calls >= maxCalls) throw failure('TOO_MANY_CALLS', { limit: maxCalls });
        open.calls += 1;
      }
    },
    end({ call }, outcome) {
      open[streams.has(call.method) ? 'streams' : 'calls'] -= 1;
      return outcome;
    },
  };
}
