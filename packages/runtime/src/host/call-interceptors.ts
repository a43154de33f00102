/** What stands around every call of a service. */
import type { Interceptor } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { admissionStage } from '../interceptors/admission-stage.ts';
import { authorizationStage } from '../interceptors/authorization-stage.ts';
import { type CallStage, inStages } from '../interceptors/call-stages.ts';
import { errorStage } from '../interceptors/error-stage.ts';
import { logStage } from '../interceptors/log-stage.ts';
import { limits } from '../limits.ts';
import type { Log } from '../log.ts';

export interface CallStagesOptions {
  readonly log: Log;
  readonly slowMs: number;
  /** Paths of the rpcs that stream. */
  readonly streams: ReadonlySet<string>;
  readonly scopes: ReadonlyMap<string, string>;
  readonly metrics: CallStage;
  readonly gate: CallStage;
}

export interface NamedStage {
  /** What it does, for people. */
  readonly name: string;
  readonly stage: CallStage;
  /** It refuses calls, but for those of health: machines that have no identity ask, most of all while a service stops. */
  readonly refuses?: true;
}

/** The outermost first. */
export function callStages(options: CallStagesOptions): readonly NamedStage[] {
  const { log, slowMs, streams, scopes, metrics, gate } = options;
  const { openCalls: maxCalls, openStreams: maxStreams } = limits;
  const admission = admissionStage({ maxCalls, maxStreams, streams });
  const authorization = authorizationStage({ scopes, authentication: false });
  return [
    { name: 'log', stage: logStage({ log, slowMs, streams }) },
    { name: 'metrics', stage: metrics },
    { name: 'errors', stage: errorStage },
    { name: 'drain gate', stage: gate, refuses: true },
    { name: 'admission', stage: admission, refuses: true },
    { name: 'authorization', stage: authorization, refuses: true },
  ];
}

/** `tracing` stands around the log, whose lines name the span. */
export function interceptorsOf({
  tracing,
  ...options
}: CallStagesOptions & { readonly tracing: Interceptor | undefined }): readonly Interceptor[] {
  const stages = callStages(options);
  const all = inStages(stages.map(({ stage }) => stage));
  const ofHealth = inStages(stages.filter(({ refuses }) => !refuses).map(({ stage }) => stage));
  const health = new Set(Object.values(healthService.methods).map(({ path }) => path));
  const around: Interceptor = (call, proceed) => (health.has(call.method) ? ofHealth : all)(call, proceed);
  return tracing ? [tracing, around] : [around];
}
