/** What the host puts around calls, as it makes it by default. */
import type { ServiceDefinition } from '@connections/grpc';
import { createLog, createMetrics, type Log, type Metrics, processSettings } from '@connections/runtime';
import { callStages, createDrainGate, type NamedStage, RpcMetrics } from '@connections/runtime/host';

export interface InterceptedServices {
  readonly services: readonly ServiceDefinition[];
  readonly scopes: ReadonlyMap<string, string>;
  readonly metrics?: Metrics;
  readonly log?: Log;
}

export function servedStages(options: InterceptedServices): readonly NamedStage[] {
  const { services, scopes, metrics = createMetrics(), log = createLog() } = options;
  const rpcs = new RpcMetrics(metrics);
  for (const service of services) rpcs.add(service);
  return callStages({
    log,
    slowMs: processSettings.slowCallMs.default,
    streams: new Set(),
    scopes,
    metrics: rpcs.stage,
    gate: createDrainGate().stage,
  });
}
