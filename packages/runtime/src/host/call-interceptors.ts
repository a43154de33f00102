/** What stands around every call of a service. */
import type { Interceptor } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import { admissionInterceptor } from '../interceptors/admission-interceptor.ts';
import { authorizationInterceptor } from '../interceptors/authorization-interceptor.ts';
import { errorInterceptor } from '../interceptors/error-interceptor.ts';
import { logInterceptor } from '../interceptors/log-interceptor.ts';
import { limits } from '../limits.ts';
import type { Log } from '../log.ts';

export interface CallInterceptorOptions {
  readonly log: Log;
  readonly slowMs: number;
  /** Paths of the rpcs that stream. */
  readonly streams: ReadonlySet<string>;
  readonly scopes: ReadonlyMap<string, string>;
  readonly tracing: Interceptor | undefined;
  readonly metrics: Interceptor;
  readonly gate: Interceptor;
}

export interface CallInterceptor {
  /** What it does, for people. */
  readonly name: string;
  readonly interceptor: Interceptor;
}

/** The outermost first. */
export function callInterceptors(options: CallInterceptorOptions): readonly CallInterceptor[] {
  const { log, slowMs, streams, scopes, tracing, metrics, gate } = options;
  const admission = admissionInterceptor({
    maxCalls: limits.openCalls,
    maxStreams: limits.openStreams,
    streams,
  });
  const authorization = authorizationInterceptor({ scopes, authentication: false });
  return [
    // Around the log, whose lines name the span.
    ...(tracing ? [{ name: 'tracing', interceptor: tracing }] : []),
    { name: 'log', interceptor: logInterceptor({ log, slowMs, streams }) },
    { name: 'metrics', interceptor: metrics },
    { name: 'errors', interceptor: errorInterceptor },
    { name: 'drain gate', interceptor: unlessHealth(gate) },
    { name: 'admission', interceptor: unlessHealth(admission) },
    { name: 'authorization', interceptor: unlessHealth(authorization) },
  ];
}

/** Health is asked by machines that have no identity, most of all while a service is full or stops. */
function unlessHealth(interceptor: Interceptor): Interceptor {
  const paths = new Set(Object.values(healthService.methods).map((method) => method.path));
  return (call, proceed) => (paths.has(call.method) ? proceed() : interceptor(call, proceed));
}
