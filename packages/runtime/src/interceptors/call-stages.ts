/** What stands around calls and need not wait: all of it together costs a call one promise. */
import type { Call, Interceptor } from '@connections/grpc';

export interface StagedCall {
  readonly call: Call;
  /** On the clock of `performance.now()`. */
  readonly startMs: number;
  /** From then to the end of the call; 0 before. */
  readonly ms: number;
}

export interface CallStage {
  /** Before the handler. Refuses the call by throwing. */
  begin?(staged: StagedCall): void;
  /**
   * After the call, unless its own `begin` has refused it. `failure` is undefined for OK; what it returns instead is what
   * the stages around it see. Must not throw.
   */
  end?(staged: StagedCall, failure: unknown): unknown;
}

/** The first is the outermost. A refusal by one is an end for those around it. */
export function inStages(stages: readonly CallStage[]): Interceptor {
  return (call, proceed) => {
    const staged = { call, startMs: performance.now(), ms: 0 };
    let begun = 0;
    try {
      for (const stage of stages) {
        stage.begin?.(staged);
        begun++;
      }
      return proceed().then(
        () => {
          const failure = ended(stages, begun, staged, undefined);
          if (failure !== undefined) throw failure;
        },
        (error) => {
          throw ended(stages, begun, staged, error ?? unreasoned());
        },
      );
    } catch (error) {
      return Promise.reject(ended(stages, begun, staged, error ?? unreasoned()));
    }
  };
}

function ended(
  stages: readonly CallStage[],
  begun: number,
  staged: StagedCall & { ms: number },
  outcome: unknown,
): unknown {
  staged.ms = performance.now() - staged.startMs;
  let failure = outcome;
  for (let at = begun - 1; at >= 0; at--) {
    const stage = stages[at];
    if (stage?.end) failure = stage.end(staged, failure);
  }
  return failure;
}

function unreasoned(): Error {
  return new Error('rejected without a reason');
}
