/** The interceptors that the host puts around calls, as it makes them by default. */
import type { ServiceDefinition } from '@connections/grpc';
import { createLog, createMetrics, type Metrics, processSettings } from '@connections/runtime';
import {
  type CallInterceptor,
  callInterceptors,
  createDrainGate,
  RpcMetrics,
} from '@connections/runtime/host';

export interface InterceptedServices {
  readonly services: readonly ServiceDefinition[];
  readonly scopes: ReadonlyMap<string, string>;
  readonly metrics?: Metrics;
}

export function servedInterceptors(options: InterceptedServices): readonly CallInterceptor[] {
  const { services, scopes, metrics = createMetrics() } = options;
  const rpcs = new RpcMetrics(metrics);
  for (const service of services) rpcs.add(service);
  return callInterceptors({
    log: createLog(),
    slowMs: processSettings.slowCallMs.default,
    streams: new Set(),
    scopes,
    tracing: undefined,
    metrics: rpcs.interceptor,
    gate: createDrainGate().interceptor,
  });
}
